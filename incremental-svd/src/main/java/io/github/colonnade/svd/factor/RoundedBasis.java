package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;

/**
 * A basis as it is stored.
 *
 * @param bytes m×r in the storage format, row after row
 * @param matrix what these bytes say: m×r FLOAT64, closed by whoever made this
 */
record RoundedBasis(byte[] bytes, Matrix matrix) {

  /**
   * @param basis m×r, not modified
   */
  static RoundedBasis of(LinearAlgebra la, StorageFormat format, Matrix basis) {
    int m = basis.rows();
    int r = basis.columns();
    byte[] bytes = format.encode(transposed(basis.toDoubles(), m, r));
    double[] rounded = transposed(format.decode(bytes), r, m);
    return new RoundedBasis(bytes, la.fromColumns(rounded, m, r));
  }

  /** Column after column to row after row of an m×n matrix; (n, m) turns it back. */
  private static double[] transposed(double[] a, int m, int n) {
    double[] t = new double[a.length];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        t[j + i * n] = a[i + j * m];
      }
    }
    return t;
  }
}
