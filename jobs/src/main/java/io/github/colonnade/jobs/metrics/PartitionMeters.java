package io.github.colonnade.jobs.metrics;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.measure.Sum;
import io.github.colonnade.svd.partition.DecisionTally;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What becomes of blocks where they get their clusters. */
public final class PartitionMeters {

  private final Meters meters;
  private final Counter shared;
  private final Counter alone;
  private final Counter sealed;
  private final Timer timer;
  private final DecisionTally decisions = new DecisionTally();

  public PartitionMeters(Meters meters) {
    this.meters = meters;
    this.shared = meters.counter(JobMeter.BLOCKS_ASSIGNED, "shared");
    this.alone = meters.counter(JobMeter.BLOCKS_ASSIGNED, "alone");
    this.sealed = meters.counter(JobMeter.CLUSTERS_SEALED);
    this.timer = meters.timer(JobMeter.PARTITION);
    for (Proof bound : Proof.values()) {
      if (bound == Proof.TRIVIAL) {
        continue;
      }
      for (Decision decision : Decision.values()) {
        meters.counted(
            JobMeter.DECISIONS,
            () -> decisions.counted(bound, decision),
            Meters.value(bound),
            label(decision));
      }
      meters.timed(
          JobMeter.DECIDING,
          () -> decisions.timed(bound),
          () -> decisions.nanos(bound),
          Meters.value(bound));
    }
  }

  private static String label(Decision decision) {
    return switch (decision) {
      case ACCEPT -> "accepted";
      case REJECT -> "rejected";
      case UNDECIDED -> "passed_on";
    };
  }

  /** How many blocks wait for their partition to be whole, of an operator that lets them wait. */
  public Sum waiting() {
    Sum waiting = new Sum();
    meters.gauge(JobMeter.BLOCKS_WAITING, waiting::value);
    return waiting;
  }

  /** How many clusters wait to be merged, of an operator that merges them. */
  public Sum open() {
    Sum open = new Sum();
    meters.gauge(JobMeter.CLUSTERS_OPEN, open::value);
    return open;
  }

  /** Where strategies count what bounds say. */
  public DecisionTally decisions() {
    return decisions;
  }

  /** A cluster of so many blocks goes to be encoded. */
  public void sealed(int blocks) {
    sealed.increment();
    (blocks > 1 ? shared : alone).increment(blocks);
  }

  /** So many blocks are to join a basis that is stored already. */
  public void joined(int blocks) {
    shared.increment(blocks);
  }

  /**
   * A partition, a node of the tree or a batch is done.
   *
   * @param started from {@link System#nanoTime}
   */
  public void done(long started) {
    timer.record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
  }
}
