package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.measure.Sum;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Counts what the bounds say while a family is partitioned, and the time that this takes.
 *
 * <p>What is decided about is a block that is offered to a cluster, or two clusters that may become
 * one. {@link Decision#UNDECIDED} means that it was passed on: another bound or another cluster
 * decides.
 *
 * <p>One thread at a time counts; any thread may read.
 */
public final class DecisionTally {

  private final Map<Proof, Map<Decision, Sum>> counts = new EnumMap<>(Proof.class);
  private final Map<Proof, Sum> times = Sum.each(Proof.class);
  private final Map<Proof, Sum> nanos = Sum.each(Proof.class);

  public DecisionTally() {
    for (Proof each : Proof.values()) {
      counts.put(each, Sum.each(Decision.class));
    }
  }

  /** Counts decisions that a bound led to. */
  public void count(Proof bound, Decision decision, long more) {
    of(of(counts, bound), decision).add(more);
  }

  /**
   * Adds the time that some decisions took.
   *
   * @param started from {@link System#nanoTime}
   */
  public void took(Proof bound, long started) {
    of(nanos, bound).add(System.nanoTime() - started);
    of(times, bound).add(1);
  }

  private static <K, V> V of(Map<K, V> sums, K key) {
    return Objects.requireNonNull(sums.get(key));
  }

  /** How often a bound led to a decision. */
  public long counted(Proof bound, Decision decision) {
    return of(of(counts, bound), decision).value();
  }

  /** How often {@link #took} was called. */
  public long timed(Proof bound) {
    return of(times, bound).value();
  }

  public long nanos(Proof bound) {
    return of(nanos, bound).value();
  }
}
