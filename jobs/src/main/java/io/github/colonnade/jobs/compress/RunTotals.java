package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.manifest.Manifest;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.RuntimeContext;

/**
 * The totals of what a job has written, as accumulators, which Flink shows on the page of the job.
 * They are those of the manifest, or the sums of those of all segments since the start.
 */
public final class RunTotals {

  private final LongCounter blocks;
  private final LongCounter clusters;
  private final LongCounter rejected;
  private final LongCounter numbersIn;
  private final LongCounter numbersStored;
  private final LongCounter bytesIn;
  private final LongCounter bytesStored;

  public RunTotals(RuntimeContext context) {
    this.blocks = Counters.register(context, Counters.BLOCKS);
    this.clusters = Counters.register(context, Counters.CLUSTERS);
    this.rejected = Counters.register(context, Counters.REJECTED);
    this.numbersIn = Counters.register(context, Counters.NUMBERS_IN);
    this.numbersStored = Counters.register(context, Counters.NUMBERS_STORED);
    this.bytesIn = Counters.register(context, Counters.BYTES_IN);
    this.bytesStored = Counters.register(context, Counters.BYTES_STORED);
  }

  /** Adds those of a manifest. */
  public void add(Manifest manifest) {
    blocks.add(manifest.totals().blocks());
    clusters.add(manifest.totals().clusters());
    rejected.add(manifest.rejected().size());
    numbersIn.add(manifest.totals().numbersIn());
    numbersStored.add(manifest.totals().numbersStored());
    bytesIn.add(manifest.totals().bytesIn());
    bytesStored.add(manifest.totals().bytesStored());
  }
}
