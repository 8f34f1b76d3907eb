package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.OptionalInt;

/**
 * A candidate cluster with its basis and its cost.
 *
 * @param members positions, ascending
 * @param basisOf the positions of those whose basis it is, ascending: the members, and those who
 *     have left since
 * @param vectors the leading left singular vectors of these side by side, m×k
 * @param spectrum their squares; what the vectors leave out is the dropped energy
 * @param columns of the members
 * @param rank how many of the vectors are stored
 * @param shared among how many leading vectors the members choose; empty where they use all
 * @param own whether members add directions of their own
 * @param cost in stored numbers
 */
record Group(
    int[] members,
    int[] basisOf,
    Matrix vectors,
    Spectrum spectrum,
    long columns,
    int rank,
    OptionalInt shared,
    boolean own,
    long cost)
    implements AutoCloseable {

  @Override
  public void close() {
    vectors.close();
  }
}
