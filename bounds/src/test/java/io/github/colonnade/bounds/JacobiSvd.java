package io.github.colonnade.bounds;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Dense singular value decomposition of a small matrix by one-sided Jacobi rotations of its rows.
 *
 * <p>Accurate even for singular values far below the largest. All m values are returned, zeros
 * included.
 *
 * @param left U: m×m orthogonal, left[i][j] in row i of the j-th singular vector
 * @param squaredSingularValues m values in descending order
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JacobiSvd(double[][] left, double[] squaredSingularValues) {

  private static final int SWEEPS = 40;

  /** Decomposes {@code a}: m×n, not modified. */
  static JacobiSvd of(double[][] a) {
    int m = a.length;
    double[][] w = Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
    double[][] rotations = new double[m][m];
    for (int i = 0; i < m; i++) {
      rotations[i][i] = 1;
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
      for (int p = 0; p < m; p++) {
        for (int q = p + 1; q < m; q++) {
          orthogonalise(w, rotations, p, q);
        }
      }
    }
    double[] squares = Arrays.stream(w).mapToDouble(row -> dot(row, row)).toArray();
    int[] order =
        IntStream.range(0, m)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -squares[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[][] left = new double[m][m];
    double[] values = new double[m];
    for (int j = 0; j < m; j++) {
      values[j] = squares[order[j]];
      for (int i = 0; i < m; i++) {
        left[i][j] = rotations[order[j]][i];
      }
    }
    return new JacobiSvd(left, values);
  }

  /** The first {@code r} columns of U: m×r. */
  double[][] leading(int r) {
    return Arrays.stream(left).map(row -> Arrays.copyOf(row, r)).toArray(double[][]::new);
  }

  private static void orthogonalise(double[][] w, double[][] rotations, int p, int q) {
    double alpha = dot(w[p], w[p]);
    double beta = dot(w[q], w[q]);
    double gamma = dot(w[p], w[q]);
    if (Math.abs(gamma) <= 1e-16 * Math.sqrt(alpha) * Math.sqrt(beta)) {
      return;
    }
    double zeta = (beta - alpha) / (2 * gamma);
    double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double c = 1 / Math.hypot(1, t);
    rotate(w[p], w[q], c, c * t);
    rotate(rotations[p], rotations[q], c, c * t);
  }

  private static void rotate(double[] x, double[] y, double c, double s) {
    for (int i = 0; i < x.length; i++) {
      double xi = x[i];
      x[i] = c * xi - s * y[i];
      y[i] = s * xi + c * y[i];
    }
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }
}
