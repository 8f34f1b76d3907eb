package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.List;

/**
 * Follows one growing cluster and bounds its best rank-r error from above.
 *
 * <p>Used for one cluster: {@link #start} once, then {@link #extend} for each block.
 */
interface ClusterEstimator extends AutoCloseable {

  /** Begins with the seed blocks; not empty. */
  void start(List<BlockSketch> seed);

  /** Adds a block and gives the interval of the cluster that now holds it. */
  ErrorInterval extend(BlockSketch block);

  /** What proves the upper sides of its intervals. */
  Proof bound();

  /** The interval of the cluster as it is. */
  ErrorInterval interval();

  /** An orthonormal basis that spans the seed's factors (m×k); owned by the estimator. */
  Matrix seedBasis();

  @Override
  void close();
}
