package io.github.colonnade.svd.sketch;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.SplittableRandom;

/**
 * A subspace that has most of the leading eigenvectors of a Gram matrix G: n×n.
 *
 * @param u U: n×k, orthonormal
 * @param turned G·U
 * @param inside the eigenpairs of UᵀGU: k Ritz values, largest first
 */
public record Subspace(Matrix u, Matrix turned, Eigen inside) implements AutoCloseable {

  /**
   * By subspace iteration from a random start, which is the same for each n on every machine.
   *
   * @param gram G: FLOAT64, not modified
   * @param columns k
   * @param steps products with G before the last
   */
  public static Subspace of(LinearAlgebra la, Matrix gram, int columns, int steps) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix u = scope.own(start(la, gram.rows(), columns));
      for (int step = 0; step < steps; step++) {
        Qr qr = la.qr(scope.own(la.product(gram, u)));
        scope.own(qr.r());
        u = scope.own(qr.q());
      }
      Matrix turned = scope.own(la.product(gram, u));
      Eigen inside = la.symmetricEigen(scope.own(la.transposedProduct(u, turned)));
      return new Subspace(scope.release(u), scope.release(turned), inside);
    }
  }

  private static Matrix start(LinearAlgebra la, int rows, int columns) {
    double[] values = new double[rows * columns];
    SplittableRandom random = new SplittableRandom(rows);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() - 0.5;
    }
    return la.fromColumns(values, rows, columns);
  }

  /** The Ritz values with their vectors in the space of G: n×k, closed by the caller. */
  public Eigen ritzPairs(LinearAlgebra la) {
    return new Eigen(inside.values(), la.product(u, inside.vectors()));
  }

  @Override
  public void close() {
    u.close();
    turned.close();
    inside.vectors().close();
  }
}
