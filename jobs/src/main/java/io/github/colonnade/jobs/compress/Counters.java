package io.github.colonnade.jobs.compress;

import java.util.Map;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * The names of the job's accumulators: those from which progress is shown, and {@link RunTotals}.
 */
public final class Counters {

  static final String SKETCHED_BYTES = "sketched-bytes";
  static final String PARTITIONED_BLOCKS = "partitioned-blocks";
  static final String MERGED_NODES = "merged-nodes";
  static final String ENCODED_BYTES = "encoded-bytes";

  static final String BLOCKS = "blocks";
  static final String CLUSTERS = "clusters";
  static final String REJECTED = "rejected";
  static final String NUMBERS_IN = "numbers-in";
  static final String NUMBERS_STORED = "numbers-stored";
  static final String BYTES_IN = "bytes-in";
  static final String BYTES_STORED = "bytes-stored";

  private Counters() {}

  /** Adds an accumulator to a task. */
  public static LongCounter register(RuntimeContext context, String name) {
    LongCounter counter = new LongCounter();
    context.addAccumulator(name, counter);
    return counter;
  }

  /** What has been counted so far, 0 if nothing was. */
  public static long value(Map<String, Object> accumulators, String name) {
    return accumulators.get(name) instanceof Long value ? value : 0;
  }
}
