package io.github.colonnade.jobs.stream;

import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The names of the job's accumulators, from which progress is shown. */
final class StreamCounters {

  static final String TENSORS = "tensors";
  static final String REJECTED = "rejected";
  static final String SKETCHED_BYTES = "sketched-bytes";

  private StreamCounters() {}

  static LongCounter register(RuntimeContext context, String name) {
    LongCounter counter = new LongCounter();
    context.addAccumulator(name, counter);
    return counter;
  }
}
