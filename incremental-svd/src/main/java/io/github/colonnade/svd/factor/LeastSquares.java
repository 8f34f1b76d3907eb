package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.factor.Dictionary.Inside;
import io.github.colonnade.svd.factor.Dictionary.Projected;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * The coefficients of some blocks on the columns Ũ of a rounded dictionary that each of them uses.
 *
 * <p>The columns are orthonormal but for rounding, so that one step of refinement, C ← C + ŨᵀA −
 * (ŨᵀŨ)·C from C = ŨᵀA, leaves an error of the order of the square of the unit roundoff: far less
 * than rounding C itself. For blocks that use all columns, C = (ŨᵀŨ)⁻¹ŨᵀA. But where the limit is
 * next to the rounding of double, or where some columns are directions that blocks added for
 * themselves, the step is Ũᵀ(A − ŨC), which takes two more products with A.
 *
 * @param columns the columns that somebody uses
 * @param rows which of these each block uses, ascending
 * @param c a row for each column, column after column, with zeros in the rows that a block does not
 *     use
 * @param projected ŨᵀA with the same zeros, unless C was refined with A
 * @param loaded the blocks side by side, if it took these
 */
record LeastSquares(
    UsedColumns columns,
    int[][] rows,
    double[] c,
    Optional<double[]> projected,
    Optional<Matrix> loaded)
    implements AutoCloseable {

  /**
   * Some columns of a dictionary.
   *
   * @param owned what is closed with them, the basis if it is not the dictionary's
   */
  record UsedColumns(Matrix basis, double[] energies, Optional<Inside> inside, MatrixScope owned) {

    static UsedColumns all(Dictionary dictionary) {
      return new UsedColumns(
          dictionary.basis(), dictionary.energies(), dictionary.inside(), new MatrixScope());
    }

    static UsedColumns some(LinearAlgebra la, Dictionary dictionary, int[] used) {
      MatrixScope owned = new MatrixScope();
      try {
        return new UsedColumns(
            owned.own(la.selectColumns(dictionary.basis(), used)),
            Arrays.stream(used).mapToDouble(k -> dictionary.energies()[k]).toArray(),
            dictionary.inside().map(each -> each.some(la, used, owned)),
            owned);
      } catch (RuntimeException e) {
        owned.close();
        throw e;
      }
    }
  }

  /**
   * @param kept by the index of a block in the cluster, the columns of the dictionary that it uses
   */
  static LeastSquares of(
      LinearAlgebra la, Batch batch, Dictionary dictionary, IntFunction<int[]> kept) {
    int[][] rows = new int[batch.size()][];
    boolean all = true;
    for (int i = 0; i < rows.length; i++) {
      rows[i] = kept.apply(batch.index(i));
      all &= rows[i].length == dictionary.basis().columns();
    }
    if (all) {
      return of(la, batch, UsedColumns.all(dictionary), rows);
    }
    int[] used = Arrays.stream(rows).flatMapToInt(Arrays::stream).distinct().sorted().toArray();
    int[] number = new int[dictionary.basis().columns()];
    for (int i = 0; i < used.length; i++) {
      number[used[i]] = i;
    }
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.stream(rows[i]).map(k -> number[k]).toArray();
    }
    return of(la, batch, UsedColumns.some(la, dictionary, used), rows);
  }

  private static LeastSquares of(LinearAlgebra la, Batch batch, UsedColumns columns, int[][] rows) {
    Matrix basis = columns.basis;
    int r = basis.columns();
    try (MatrixScope scope = new MatrixScope()) {
      if (columns.inside.isPresent()) {
        Inside inside = columns.inside.get();
        Optional<Matrix> loaded = Optional.empty();
        Matrix left;
        if (inside.projected().isPresent()) {
          Projected on = inside.projected().get();
          left = la.product(on.turned(), scope.own(on.projections().coefficients(la, batch)));
        } else {
          loaded = Optional.of(columns.owned.own(batch.load()));
          left = la.transposedProduct(basis, loaded.get());
        }
        scope.own(left);
        double[] projected = masked(batch, rows, left.toDoubles(), r);
        double[] c;
        if (inside.inverse().isPresent()) {
          c = scope.own(la.product(inside.inverse().get().get(), left)).toDoubles();
        } else {
          la.subtractProductInPlace(
              left, inside.gram(), scope.own(la.fromColumns(projected, r, left.columns())));
          c = sum(masked(batch, rows, left.toDoubles(), r), projected);
        }
        return new LeastSquares(columns, rows, c, Optional.of(projected), loaded);
      }
      Matrix a = columns.owned.own(batch.load());
      Matrix rest = scope.own(la.cast(a, a.precision()));
      double[] c = masked(batch, rows, scope.own(la.transposedProduct(basis, a)).toDoubles(), r);
      la.subtractProductInPlace(rest, basis, scope.own(la.fromColumns(c, r, a.columns())));
      Matrix step = scope.own(la.transposedProduct(basis, rest));
      c = sum(masked(batch, rows, step.toDoubles(), r), c);
      return new LeastSquares(columns, rows, c, Optional.empty(), Optional.of(a));
    } catch (RuntimeException e) {
      columns.owned.close();
      throw e;
    }
  }

  private static double[] sum(double[] step, double[] c) {
    for (int i = 0; i < c.length; i++) {
      step[i] += c[i];
    }
    return step;
  }

  /** Sets to zero the rows that a block does not use. */
  private static double[] masked(Batch batch, int[][] rows, double[] c, int r) {
    int at = 0;
    for (int i = 0; i < rows.length; i++) {
      int end = at + r * batch.columns(i);
      if (rows[i].length < r) {
        boolean[] used = new boolean[r];
        for (int row : rows[i]) {
          used[row] = true;
        }
        for (; at < end; at += r) {
          for (int k = 0; k < r; k++) {
            c[at + k] = used[k] ? c[at + k] : 0;
          }
        }
      }
      at = end;
    }
    return c;
  }

  Matrix basis() {
    return columns.basis;
  }

  /** ‖A − ŨC‖² of each block of the batch, with its weight. */
  double[] outside(LinearAlgebra la, Cluster cluster, Batch batch) {
    int r = basis().columns();
    if (projected.isPresent() && !batch.hasWeights()) {
      // As C solves the normal equations, it captures tr(CᵀŨᵀA).
      double[] outside = new double[batch.size()];
      int at = 0;
      for (int i = 0; i < outside.length; i++) {
        double captured = 0;
        for (int end = at + r * batch.columns(i); at < end; at++) {
          captured += c[at] * projected.get()[at];
        }
        outside[i] = Math.max(0, cluster.energy(batch.index(i)) - captured);
      }
      return outside;
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = loaded.orElseThrow();
      Matrix rest = scope.own(la.cast(a, a.precision()));
      la.subtractProductInPlace(rest, basis(), scope.own(la.fromColumns(c, r, rest.columns())));
      return batch.sumColumns(
          la.columnEnergies(batch.hasWeights() ? scope.own(batch.weigh(rest).matrix()) : rest));
    }
  }

  @Override
  public void close() {
    columns.owned.close();
  }
}
