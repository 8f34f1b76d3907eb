package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * The coefficients of some blocks on the columns Ũ of a rounded dictionary that each of them uses.
 *
 * <p>The columns are orthonormal but for rounding, so that one step of refinement, C ← C + Ũᵀ(A −
 * ŨC) from C = ŨᵀA, leaves an error of the order of the square of the unit roundoff: far less than
 * rounding C itself.
 *
 * @param a the blocks side by side
 * @param basis the columns that somebody uses
 * @param rows which of these each block uses, ascending
 * @param c a row for each column of the basis, column after column, with zeros in the rows that a
 *     block does not use
 */
record LeastSquares(Matrix a, Matrix basis, int[][] rows, double[] c) implements AutoCloseable {

  /**
   * @param dictionary as it is stored
   * @param kept by the index of a block in the cluster, the columns of the dictionary that it uses
   */
  static LeastSquares of(
      LinearAlgebra la, Batch batch, Matrix dictionary, IntFunction<int[]> kept) {
    int[] used =
        IntStream.range(0, batch.size())
            .flatMap(i -> Arrays.stream(kept.apply(batch.index(i))))
            .distinct()
            .sorted()
            .toArray();
    int[] number = new int[dictionary.columns()];
    for (int i = 0; i < used.length; i++) {
      number[used[i]] = i;
    }
    int[][] rows = new int[batch.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.stream(kept.apply(batch.index(i))).map(k -> number[k]).toArray();
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(batch.load());
      Matrix some = scope.own(la.selectColumns(dictionary, used));
      double[] c = masked(la, batch, rows, some, a);
      Matrix rest = scope.own(la.cast(a, a.precision()));
      la.subtractProductInPlace(rest, some, scope.own(la.fromColumns(c, used.length, a.columns())));
      double[] step = masked(la, batch, rows, some, rest);
      for (int i = 0; i < c.length; i++) {
        c[i] += step[i];
      }
      return new LeastSquares(scope.release(a), scope.release(some), rows, c);
    }
  }

  /** ŨᵀA with zeros in the rows that a block does not use. */
  private static double[] masked(
      LinearAlgebra la, Batch batch, int[][] rows, Matrix basis, Matrix a) {
    double[] c;
    try (Matrix product = la.transposedProduct(basis, a)) {
      c = product.toDoubles();
    }
    int r = basis.columns();
    int at = 0;
    for (int i = 0; i < rows.length; i++) {
      int end = at + r * batch.columns(i);
      if (rows[i].length < r) {
        boolean[] used = new boolean[r];
        for (int row : rows[i]) {
          used[row] = true;
        }
        for (int k = at; k < end; k++) {
          c[k] = used[(k - at) % r] ? c[k] : 0;
        }
      }
      at = end;
    }
    return c;
  }

  @Override
  public void close() {
    a.close();
    basis.close();
  }
}
