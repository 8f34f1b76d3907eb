package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.SharedRank;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a basis captures of each member of a cluster: e_ij = ‖u_iᵀA_j‖² for direction i and member
 * j, in the units of {@link Cluster#energy}; A_j stands for A_j·F_j where the block has a weight.
 *
 * <p>UᵀA of all members is kept where that is little, for those who look at single coefficients.
 */
final class Projections implements AutoCloseable {

  /** The most e_ij that are kept for all members together: 64 MiB. */
  private static final int MAX_KEPT = 1 << 23;

  /** The most numbers of UᵀA that are kept: 16 MiB. */
  private static final long MAX_COEFFICIENTS = 1L << 21;

  private final int[] neededRanks;
  private final double[][] captured;
  private final int directions;
  private final boolean tellDifferences;

  /** UᵀA of all members side by side. */
  private Optional<Matrix> coefficients = Optional.empty();

  private Projections(int count, int directions, double limit) {
    neededRanks = new int[count];
    captured = new double[count][];
    this.directions = directions;
    this.tellDifferences = limit >= BasisFinder.GRAM_ACCURACY;
  }

  /**
   * Without coefficients.
   *
   * @param vectors orthonormal
   * @param limit of each member by itself
   */
  static Projections of(LinearAlgebra la, Cluster cluster, Matrix vectors, double limit) {
    return of(la, cluster, vectors, limit, 0);
  }

  /** With coefficients if there are not too many; they are closed with this. */
  static Projections keeping(LinearAlgebra la, Cluster cluster, Matrix vectors, double limit) {
    return of(la, cluster, vectors, limit, MAX_COEFFICIENTS);
  }

  private static Projections of(
      LinearAlgebra la, Cluster cluster, Matrix vectors, double limit, long mostCoefficients) {
    int kept = Math.min(vectors.columns(), MAX_KEPT / cluster.count());
    Projections projections = new Projections(cluster.count(), kept, limit);
    boolean keeps =
        kept == vectors.columns()
            && kept * cluster.columns() <= mostCoefficients
            && projections.tellDifferences
            && !cluster.hasWeights();
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> parts = new ArrayList<>();
      for (Batch batch : cluster.batches()) {
        try (Matrix a = batch.loadWithWeights();
            MatrixScope ofBatch = new MatrixScope()) {
          Matrix projection = ofBatch.own(la.transposedProduct(vectors, a));
          double[] outside = new double[0];
          if (!projections.tellDifferences) {
            la.subtractProductInPlace(a, vectors, projection);
            outside = batch.sumColumns(la.columnEnergies(a));
          }
          projections.add(la, cluster, batch, projection, outside, limit);
          if (keeps) {
            parts.add(scope.own(ofBatch.release(projection)));
          }
        }
      }
      if (keeps) {
        projections.coefficients =
            Optional.of(parts.size() == 1 ? scope.release(parts.get(0)) : la.concatenate(parts));
      }
    }
    return projections;
  }

  private void add(
      LinearAlgebra la,
      Cluster cluster,
      Batch batch,
      Matrix projection,
      double[] outside,
      double limit) {
    int rank = projection.rows();
    // Only a batch of several blocks is copied: it is small, and one block may be large.
    double[] all = batch.size() == 1 ? new double[0] : projection.toDoubles();
    int at = 0;
    for (int i = 0; i < batch.size(); i++) {
      double[] own = batch.size() == 1 ? la.rowEnergies(projection) : new double[rank];
      for (int end = at + rank * batch.columns(i); at < end && all.length > 0; at += rank) {
        for (int l = 0; l < rank; l++) {
          own[l] += all[at + l] * all[at + l];
        }
      }
      double energy = cluster.energy(batch.index(i));
      double rest =
          outside.length > 0 ? outside[i] : Math.max(0, energy - Arrays.stream(own).sum());
      neededRanks[batch.index(i)] = neededRank(energy, own, rest, limit);
      captured[batch.index(i)] = rank == directions ? own : Arrays.copyOf(own, directions);
    }
  }

  /**
   * The least r with rest + Σ_{i>r} captured_i within the limit.
   *
   * @param rest the energy outside the whole basis: a difference of energies for ordinary limits,
   *     and measured where that would say nothing
   */
  private static int neededRank(double energy, double[] captured, double rest, double limit) {
    double allowed = limit * limit * energy;
    if (rest > allowed) {
      return SharedRank.UNREACHABLE;
    }
    double tail = rest;
    int rank = captured.length;
    while (rank > 0 && tail + captured[rank - 1] <= allowed) {
      tail += captured[--rank];
    }
    return rank;
  }

  /** Whether the limit is far enough from rounding that differences of energies serve it. */
  boolean tellDifferences() {
    return tellDifferences;
  }

  /** Whether {@link #coefficients} are there: not with weights, and not if there are too many. */
  boolean keepCoefficients() {
    return coefficients.isPresent();
  }

  /** UᵀA of the members of a batch side by side, closed by the caller. */
  Matrix coefficients(LinearAlgebra la, Batch batch) {
    Matrix all = coefficients.orElseThrow();
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> runs = new ArrayList<>();
      int to;
      for (int from = 0; from < batch.size(); from = to) {
        to = from + 1;
        while (to < batch.size() && batch.index(to) == batch.index(to - 1) + 1) {
          to++;
        }
        int end = batch.firstColumn(to - 1) + batch.columns(to - 1);
        runs.add(scope.own(la.columns(all, batch.firstColumn(from), end)));
      }
      return runs.size() == 1 ? scope.release(runs.get(0)) : la.concatenate(runs);
    }
  }

  /** The least rank at which each member meets the limit, or {@link SharedRank#UNREACHABLE}. */
  int[] neededRanks() {
    return neededRanks.clone();
  }

  /** How many directions e_ij is known for; fewer than the basis has if members are very many. */
  int directions() {
    return directions;
  }

  /**
   * e_ij of the first directions, to be read only.
   *
   * @param index j
   * @param count at most {@link #directions}
   */
  double[] captured(int index, int count) {
    return count == directions ? captured[index] : Arrays.copyOf(captured[index], count);
  }

  @Override
  public void close() {
    coefficients.ifPresent(Matrix::close);
  }
}
