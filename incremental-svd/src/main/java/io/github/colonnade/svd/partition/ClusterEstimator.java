package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.List;

/**
 * Follows one growing cluster and bounds its best rank-r error from above.
 *
 * <p>Used for one cluster: {@link #start} once, then {@link #offer} or {@link #extend} for each
 * block.
 */
interface ClusterEstimator extends AutoCloseable {

  /** Begins with the seed: one block, or several of at most r columns together. */
  void start(List<BlockSketch> seed);

  /** Adds a block. */
  void extend(BlockSketch block);

  /**
   * What the interval of the cluster with one more block decides. Where a cheaper bound tells, the
   * interval itself is not found. A block that is accepted has been added; after another decision
   * nothing more may be asked.
   */
  default Decision offer(BlockSketch block, double limit) {
    extend(block);
    return interval().decide(limit);
  }

  /** What proves the upper sides of its intervals. */
  Proof bound();

  /** The interval of the cluster as it is. */
  ErrorInterval interval();

  /** An orthonormal basis that spans the seed's factors (m×k); owned by the estimator. */
  Matrix seedBasis();

  @Override
  void close();
}
