package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.Matrix;

/**
 * A candidate cluster with its decomposition and its cost.
 *
 * @param members positions, ascending
 * @param vectors the leading left singular vectors of the members side by side, m×k
 * @param spectrum their squares; what the vectors leave out is the dropped energy
 * @param columns of the members
 * @param rank the rank at which it costs least
 * @param cost in stored numbers
 */
record Group(int[] members, Matrix vectors, Spectrum spectrum, long columns, int rank, long cost)
    implements AutoCloseable {

  @Override
  public void close() {
    vectors.close();
  }
}
