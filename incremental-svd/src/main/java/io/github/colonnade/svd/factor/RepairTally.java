package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.measure.Sum;
import java.util.Map;
import java.util.Objects;

/**
 * Counts what is done because factors, rounded and measured, missed their limit.
 *
 * <p>One thread at a time counts; any thread may read.
 */
public final class RepairTally {

  /** What is done. */
  public enum Way {
    /** A block keeps more rows of coefficients. */
    ROWS,
    /** A block keeps more single coefficients. */
    ENTRIES,
    /** The rank of a cluster is raised. */
    RANK,
    /** A block leaves those that it was to share a basis with. */
    ALONE
  }

  private final Map<Way, Sum> counts = Sum.each(Way.class);

  void count(Way way, int more) {
    of(way).add(more);
  }

  /** How often this was done: for blocks, or {@link Way#RANK} for clusters. */
  public long counted(Way way) {
    return of(way).value();
  }

  private Sum of(Way way) {
    return Objects.requireNonNull(counts.get(way));
  }
}
