package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Arrays;

/**
 * A full weight H in the form in which it is used: H = D·GᵀG·D with D = diag(√h_jj), from the
 * eigenvalues λ and vectors V of the matrix with the entries h_ij / (√h_ii·√h_jj), G = diag(√λ)·Vᵀ.
 * Because sizes are taken out first, neither huge nor tiny entries lose digits.
 *
 * <p>Eigenvalues that are negative, or not above n·u of the largest, are taken as 0: a singular H
 * that was rounded has such. So GᵀG is the nearest positive semidefinite matrix.
 *
 * @param roots the diagonal of D, n numbers
 * @param mixing G: n×n, column after column
 * @param norm the largest λ
 */
public record SecondMoment(double[] roots, double[] mixing, double norm) {

  private static final double UNIT_ROUNDOFF = 0x1p-53;

  /**
   * Factors H.
   *
   * @param h H: n×n, row after row; used up
   * @param tolerance how far a pair of entries may be from symmetric, relative to √h_ii·√h_jj, and
   *     an eigenvalue below zero, relative to the largest
   * @throws IllegalArgumentException with the reason if H is not a second moment
   */
  public static SecondMoment of(LinearAlgebra la, double[] h, int n, double tolerance) {
    double[] roots = new double[n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (!Double.isFinite(h[i * n + j])) {
          throw new IllegalArgumentException("it has NaN or infinity at " + at(i, j));
        }
      }
      roots[i] = root(h[i * n + i], at(i, i));
    }
    for (int i = 0; i < n; i++) {
      for (int j = i; j < n; j++) {
        double upper = relative(h[i * n + j], i, j, roots, tolerance);
        double lower = relative(h[j * n + i], j, i, roots, tolerance);
        if (Math.abs(upper - lower) > tolerance) {
          throw new IllegalArgumentException(
              "it is not symmetric: "
                  + h[i * n + j]
                  + " at "
                  + at(i, j)
                  + ", but "
                  + h[j * n + i]
                  + " at "
                  + at(j, i));
        }
        h[i * n + j] = (upper + lower) / 2;
      }
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        h[i * n + j] = h[j * n + i];
      }
    }
    try (MatrixScope scope = new MatrixScope()) {
      Eigen eigen = scope.own(la.symmetricEigen(scope.own(la.fromColumns(h, n, n))));
      double[] values = eigen.values();
      double largest = Math.max(values[0], 0);
      if (values[n - 1] < -tolerance * Math.max(largest, 1)) {
        throw new IllegalArgumentException(
            "it is not positive semidefinite: scaled to a unit diagonal, its least eigenvalue is "
                + values[n - 1]);
      }
      double[] vectors = eigen.vectors().toDoubles();
      double[] mixing = new double[n * n];
      for (int k = 0; k < n && values[k] > n * UNIT_ROUNDOFF * largest; k++) {
        double root = Math.sqrt(values[k]);
        for (int i = 0; i < n; i++) {
          mixing[k + i * n] = root * vectors[i + k * n];
        }
      }
      return new SecondMoment(roots, mixing, largest);
    }
  }

  /**
   * √h of a diagonal entry.
   *
   * @param where its place, for the message
   * @throws IllegalArgumentException with the reason if there is none
   */
  public static double root(double h, String where) {
    if (!Double.isFinite(h)) {
      throw new IllegalArgumentException("it has NaN or infinity at " + where);
    }
    if (h < 0) {
      throw new IllegalArgumentException(
          "it has " + h + " at " + where + ", but a second moment is not negative");
    }
    return Math.sqrt(h);
  }

  private static double relative(double entry, int i, int j, double[] roots, double tolerance) {
    if (entry == 0) {
      return 0;
    }
    double relative = entry / roots[i] / roots[j];
    if (!(Math.abs(relative) <= 1 + tolerance)) {
      throw new IllegalArgumentException(
          "it is not positive semidefinite: "
              + entry
              + " at "
              + at(i, j)
              + " is too large beside its diagonal");
    }
    return relative;
  }

  private static String at(int i, int j) {
    return "(" + i + ", " + j + ")";
  }

  /**
   * The weight for some neighbouring columns: the principal submatrix of H.
   *
   * @param roots the part of {@link #roots} for these columns
   * @param mixing the columns of G for these columns: n×k, column after column
   * @param n the rows of G
   * @param norm as in the whole
   */
  public static ColumnWeight weight(
      LinearAlgebra la, double[] roots, double[] mixing, int n, double norm) {
    if (roots.length == n) {
      return ColumnWeight.full(roots, la.fromColumns(mixing, n, n), norm);
    }
    try (MatrixScope scope = new MatrixScope()) {
      // GᵀG = RᵀR.
      Qr qr = la.qr(scope.own(la.fromColumns(mixing, n, roots.length)));
      scope.own(qr.q());
      return ColumnWeight.full(roots, qr.r(), norm);
    }
  }

  /** The weight for all columns. */
  public ColumnWeight weight(LinearAlgebra la) {
    return weight(la, roots, mixing, roots.length, norm);
  }

  /** The weight for columns from (inclusive) to (exclusive). */
  public ColumnWeight weight(LinearAlgebra la, int from, int to) {
    int n = roots.length;
    return weight(
        la,
        Arrays.copyOfRange(roots, from, to),
        Arrays.copyOfRange(mixing, from * n, to * n),
        n,
        norm);
  }
}
