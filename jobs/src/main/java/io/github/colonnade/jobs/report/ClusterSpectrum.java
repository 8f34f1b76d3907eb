package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.svd.factor.KeptRows;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The spectrum of M̂ = U·[C₁ … C_K] as it is stored, and what follows from it for lower ranks.
 *
 * <p>Let M̂_k be the best approximation of rank k of M̂, e = ‖M − M̂‖/‖M‖ as it was measured, T_k =
 * ‖M̂ − M̂_k‖/‖M̂‖. By the triangle inequality (1 − e)‖M‖ ≤ ‖M̂‖ ≤ (1 + e)‖M‖, and so
 *
 * <pre>  (1 − e)T_k − e ≤ ‖M − M̂_k‖/‖M‖ ≤ (1 + e)T_k + e.</pre>
 *
 * <p>The distance to the matrices of rank k is a Lipschitz function with constant 1, so the same
 * lower side holds for the least error of any factors of rank k, and the upper side all the more.
 * If M − M̂ is orthogonal to M̂ and M̂_k, as where C = UᵀM, the error is √(e² + (1 − e²)T_k²).
 *
 * @param cluster its id
 * @param rows of M
 * @param columns of M
 * @param error e
 * @param energies squares of the singular values of M̂, largest first, up to a common factor
 * @param whole the energy of columns that are stored as they are, with the same factor; they stay
 *     at every rank
 */
record ClusterSpectrum(
    String cluster, long rows, long columns, double error, double[] energies, double whole) {
  private static final double ROUNDING = 1e-15;

  /**
   * Reads the factors of a cluster, one block at a time.
   *
   * @param settings of the collection: factors to train a layer from have coefficients for all
   *     columns, and their error is that of the product alone
   * @param members of the cluster, in the order of the manifest
   * @return nothing if it has no basis, or its numbers are out of range
   */
  static Optional<ClusterSpectrum> read(
      LinearAlgebra la,
      StoredTensors stored,
      Settings settings,
      ClusterEntry cluster,
      List<BlockEntry> members)
      throws IOException {
    if (cluster.basis().isEmpty()) {
      return Optional.empty();
    }
    int rows = Math.toIntExact(cluster.rows());
    int rank = cluster.rank();
    double unit = members.stream().mapToDouble(BlockEntry::scale).max().orElse(1);
    Optional<KeptRows> mask =
        cluster.mask().isEmpty()
            ? Optional.empty()
            : Optional.of(stored.keptRows(cluster.mask().get(), members.size(), rank));
    double whole = 0;
    try (Matrix gram = la.zeros(rank, rank, Precision.FLOAT64)) {
      for (int j = 0; j < members.size(); j++) {
        BlockEntry block = members.get(j);
        boolean apart = block.sparse().isPresent() && settings.isApproximation();
        if (apart) {
          whole += wholeEnergy(stored, cluster, block, unit);
        }
        if (block.coefficients().isPresent()) {
          int[] kept = mask.isPresent() ? mask.get().rows(j) : KeptRows.all(rank);
          long channels = apart ? block.sparse().orElseThrow().channels().size() : 0;
          int columns = Math.toIntExact(block.view().orElseThrow().columns() - channels);
          double[] c =
              stored.coefficients(
                  block.coefficients().get(), cluster.basis().get(), kept.length, columns);
          double weight = Math.pow(block.scale() / unit, 2);
          try (Matrix all = la.fromColumns(spread(c, kept, columns, rank), rank, columns)) {
            la.addOuterProductInPlace(gram, all, weight);
          }
        }
      }
      double[] u = stored.columns(cluster.basis().get(), rows, rank);
      double[] energies = energies(la, u, rows, rank, gram);
      double sum = DoubleStream.of(energies).sum() + whole;
      if (!(sum > 0) || !Double.isFinite(sum)) {
        return Optional.empty();
      }
      return Optional.of(
          new ClusterSpectrum(
              cluster.id(), rows, cluster.columns(), cluster.error(), energies, whole));
    }
  }

  private static double wholeEnergy(
      StoredTensors stored, ClusterEntry cluster, BlockEntry block, double unit)
      throws IOException {
    var sparse = block.sparse().orElseThrow();
    double[] values = stored.rows(sparse.columns(), cluster.rows(), sparse.channels().size());
    return DoubleStream.of(values).map(value -> value / unit).map(value -> value * value).sum();
  }

  /** Row after row of the directions that are used → column after column of all of them. */
  private static double[] spread(double[] c, int[] kept, int columns, int rank) {
    double[] all = new double[Math.multiplyExact(rank, columns)];
    for (int k = 0; k < kept.length; k++) {
      for (int j = 0; j < columns; j++) {
        all[kept[k] + j * rank] = c[k * columns + j];
      }
    }
    return all;
  }

  /** The eigenvalues of U·G·Uᵀ that are not 0 by its size: those of R·G·Rᵀ where U = Q·R. */
  private static double[] energies(LinearAlgebra la, double[] u, int rows, int rank, Matrix gram) {
    try (Matrix basis = la.fromColumns(u, rows, rank)) {
      Qr qr = la.qr(basis);
      qr.q().close();
      try (Matrix r = qr.r();
          Matrix left = la.product(r, gram);
          Matrix both = la.productTransposed(left, r)) {
        double[] values = la.symmetricEigenvalues(both);
        double smallest = ROUNDING * Math.max(0, values[0]);
        return DoubleStream.of(values).map(value -> value > smallest ? value : 0).toArray();
      }
    }
  }

  /** T_k for k from 0 to the number of singular values. */
  private double[] tails() {
    double[] tails = new double[energies.length + 1];
    double sum = 0;
    for (int k = energies.length - 1; k >= 0; k--) {
      sum += energies[k];
      tails[k] = sum;
    }
    double all = sum + whole;
    return DoubleStream.of(tails).map(tail -> Math.sqrt(tail / all)).toArray();
  }

  /** What to expect at each rank from 0 on. */
  double[] expected() {
    double rest = Math.max(0, 1 - error * error);
    return DoubleStream.of(tails()).map(t -> Math.sqrt(error * error + rest * t * t)).toArray();
  }

  /** No factors of a rank, from 0 on, come closer. */
  double[] lower() {
    return DoubleStream.of(tails()).map(t -> Math.max(0, (1 - error) * t - error)).toArray();
  }

  /** The stored factors, cut to a rank, from 0 on, are at most so far away. */
  double[] upper() {
    return DoubleStream.of(tails()).map(t -> (1 + error) * t + error).toArray();
  }

  /** The singular values as shares of the largest. */
  double[] shares() {
    double largest = energies[0];
    return DoubleStream.of(energies)
        .map(each -> largest == 0 ? 0 : Math.sqrt(each / largest))
        .toArray();
  }

  /** At most so many of the numbers from {@code from} to {@code to}, first and last among them. */
  static int[] sampled(int from, int to, int most) {
    int count = Math.min(most, to - from + 1);
    return IntStream.range(0, count)
        .map(i -> count == 1 ? from : from + (int) ((long) i * (to - from) / (count - 1)))
        .toArray();
  }
}
