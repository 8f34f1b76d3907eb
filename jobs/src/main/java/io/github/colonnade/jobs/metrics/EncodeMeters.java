package io.github.colonnade.jobs.metrics;

import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.svd.factor.RepairTally;
import io.github.colonnade.svd.factor.RepairTally.Way;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** What is written into output files, and how its errors are. */
public final class EncodeMeters {

  private static final double PERCENT = 100;

  /** Percentages of the limit. */
  private static final double[] SHARES = {10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 100};

  private static final int MOST_RANK = 12;
  private static final int MOST_BLOCKS = 17;

  private final Counter bytesRead;
  private final Timer timer;
  private final Map<Treatment, Counter> blocks = new EnumMap<>(Treatment.class);
  private final Counter clusters;
  private final Counter numbersIn;
  private final Counter numbersStored;
  private final Counter bytesStored;
  private final DistributionSummary errors;
  private final DistributionSummary ranks;
  private final DistributionSummary sizes;
  private final Counter failures;
  private final RepairTally repairs = new RepairTally();

  public EncodeMeters(Meters meters) {
    this.bytesRead = meters.counter(JobMeter.BYTES_READ);
    this.timer = meters.timer(JobMeter.ENCODE);
    for (Treatment each : Treatment.values()) {
      blocks.put(each, meters.counter(JobMeter.BLOCKS_STORED, Meters.value(each)));
    }
    this.clusters = meters.counter(JobMeter.CLUSTERS_STORED);
    this.numbersIn = meters.counter(JobMeter.NUMBERS_IN);
    this.numbersStored = meters.counter(JobMeter.NUMBERS_STORED);
    this.bytesStored = meters.counter(JobMeter.BYTES_STORED);
    this.errors = meters.distribution(JobMeter.ERROR_PERCENT, SHARES);
    this.ranks = meters.distribution(JobMeter.CLUSTER_RANK, Meters.powersOfTwo(MOST_RANK));
    this.sizes = meters.distribution(JobMeter.CLUSTER_BLOCKS, Meters.powersOfTwo(MOST_BLOCKS));
    this.failures = meters.counter(JobMeter.CERTIFICATE_FAILURES);
    for (Way way : Way.values()) {
      meters.counted(JobMeter.REPAIRS, () -> repairs.counted(way), Meters.value(way));
    }
  }

  /** Where encoders count repairs. */
  public RepairTally repairs() {
    return repairs;
  }

  /** A payload was read, or a part of one. */
  public void read(long sizeBytes) {
    bytesRead.increment((double) sizeBytes);
  }

  /**
   * A file is written.
   *
   * @param started from {@link System#nanoTime}
   */
  public void file(long numbers, long sizeBytes, long started) {
    numbersStored.increment((double) numbers);
    bytesStored.increment((double) sizeBytes);
    timer.record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
  }

  /**
   * A block or a tensor is in a file.
   *
   * @param numbers it had
   */
  public void block(Treatment treatment, long numbers) {
    Objects.requireNonNull(blocks.get(treatment)).increment();
    numbersIn.increment((double) numbers);
  }

  /** A cluster is in a file. */
  public void cluster(long rank, long ofBlocks) {
    clusters.increment();
    ranks.record((double) rank);
    sizes.record((double) ofBlocks);
  }

  /**
   * The error of what is stored was measured.
   *
   * @param limit what it may be
   */
  public void error(double error, double limit) {
    errors.record(error == 0 ? 0 : PERCENT * error / limit);
    if (!(error <= limit)) {
      failures.increment();
    }
  }
}
