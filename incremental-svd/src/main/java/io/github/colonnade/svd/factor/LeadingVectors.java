package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;

/**
 * The vectors of a basis of which perhaps not all were found; all that its spectrum has are, once
 * somebody asks for more.
 */
final class LeadingVectors implements AutoCloseable {

  private final LinearAlgebra la;
  private final Cluster cluster;
  private final int mostRank;
  private final double limit;

  /** Those that were found later. */
  private final MatrixScope owned = new MatrixScope();

  private Matrix vectors;

  /**
   * @param cluster the blocks that the basis was found for
   * @param basis stays the caller's
   * @param mostRank the most vectors that are asked for
   * @param limit that the basis was found for
   */
  LeadingVectors(LinearAlgebra la, Cluster cluster, Basis basis, int mostRank, double limit) {
    this.la = la;
    this.cluster = cluster;
    this.vectors = basis.vectors();
    this.mostRank = Math.min(mostRank, basis.spectrum().size());
    this.limit = limit;
  }

  /** The most vectors that the spectrum has, found or not. */
  int mostRank() {
    return mostRank;
  }

  /**
   * The first vectors, copied.
   *
   * @param rank at most {@link #mostRank}
   * @return m×rank, closed by the caller; of fewer columns where an eigenvalue is so near to
   *     rounding that it counted only the first time
   */
  Matrix first(int rank) {
    if (rank > vectors.columns()) {
      owned.close();
      vectors = owned.own(new BasisFinder(la).find(cluster, mostRank, limit).vectors());
    }
    return la.columns(vectors, 0, Math.min(rank, vectors.columns()));
  }

  @Override
  public void close() {
    owned.close();
  }
}
