package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.List;

/**
 * Whether all singular values of a seed are above a bound, in less time than it takes to find them.
 *
 * <p>With F the factors of the seed side by side, m×n, and G = FᵀF: λ_min(G) ≥ t if G − t·I has a
 * Cholesky factorisation. The product is in the precision of the factors, of unit roundoff u, so
 * that its entries have errors of at most m·u·max‖f_i‖² each and the matrix of n·m·u·max‖f_i‖² in
 * norm; so much is added to t, and the rounding of the factorisation in double is far below.
 */
final class SeedFloor {

  private SeedFloor() {}

  /** Whether a seed has r columns, and its r-th squared singular value is at least {@code t}. */
  static boolean isAbove(LinearAlgebra la, List<BlockSketch> seed, int rank, double t) {
    int n = seed.stream().mapToInt(each -> each.factor().columns()).sum();
    if (n != rank || seed.size() == 1) {
      return false;
    }
    double[] g;
    double rounding;
    try (Matrix all = la.concatenate(Estimators.factors(seed));
        Matrix gram = la.transposedProduct(all, all)) {
      g = gram.toDoubles();
      rounding = 2.0 * n * all.rows() * all.precision().unitRoundoff();
    }
    double largest = 0;
    for (int i = 0; i < n; i++) {
      largest = Math.max(largest, g[i + i * n]);
    }
    return isPositive(g, n, t + rounding * largest);
  }

  /** Whether the factorisation of G − t·I by columns succeeds; overwrites G. */
  private static boolean isPositive(double[] g, int n, double t) {
    for (int j = 0; j < n; j++) {
      double pivot = g[j + j * n] - t;
      for (int k = 0; k < j; k++) {
        pivot -= g[j + k * n] * g[j + k * n];
      }
      if (!(pivot > 0)) {
        return false;
      }
      double root = Math.sqrt(pivot);
      for (int k = 0; k < j; k++) {
        double factor = g[j + k * n];
        for (int i = j + 1; i < n; i++) {
          g[i + j * n] -= g[i + k * n] * factor;
        }
      }
      for (int i = j + 1; i < n; i++) {
        g[i + j * n] /= root;
      }
    }
    return true;
  }
}
