package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.factor.RangeFinder.Leading;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.util.Arrays;
import java.util.Optional;

/**
 * The leading left singular vectors of what a shared basis leaves of single blocks, (I − QQᵀ)A_j,
 * by Gram matrices of the smaller side; of A_j·F_j where the block has a weight.
 */
final class OwnDirections {

  private final LinearAlgebra la;
  private final Cluster cluster;
  private final Matrix shared;

  /**
   * @param shared Q: m×s, orthonormal; stays the caller's
   */
  OwnDirections(LinearAlgebra la, Cluster cluster, Matrix shared) {
    this.la = la;
    this.cluster = cluster;
    this.shared = shared;
  }

  /**
   * The squared singular values of the residual of a member, largest first; perhaps not those
   * beyond which is only a small part of what may be lost.
   *
   * @param most no more than so many
   * @param limit of the member's relative error
   */
  double[] squares(int index, int most, double limit) {
    try (Matrix residual = residual(index)) {
      Optional<Leading> few =
          new RangeFinder(la)
              .find(residual, la.energy(residual), limit * limit * cluster.energy(index));
      few.ifPresent(each -> each.vectors().close());
      double[] values = few.map(Leading::squares).orElseGet(() -> eigenvalues(residual));
      return Arrays.stream(values).limit(most).map(each -> Math.max(each, 0)).toArray();
    }
  }

  private double[] eigenvalues(Matrix residual) {
    try (Matrix gram = smallerGram(residual)) {
      return la.symmetricEigenvalues(gram);
    }
  }

  /**
   * The left singular vectors of these values.
   *
   * @param count at most min(m, n_j)
   * @return m×count with orthonormal columns, closed by the caller
   */
  Matrix vectors(int index, int count) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix residual = scope.own(residual(index));
      Eigen eigen = scope.own(la.symmetricEigen(scope.own(smallerGram(residual)), values -> count));
      if (isWide(residual)) {
        return scope.release(eigen.vectors());
      }
      LinearAlgebra.Qr qr = la.qr(scope.own(la.product(residual, eigen.vectors())));
      scope.own(qr.r());
      return qr.q();
    }
  }

  private Matrix residual(int index) {
    Batch block = cluster.single(index);
    Matrix a = block.loadWithWeights();
    // The second time takes away what rounding left the first time.
    for (int pass = 0; pass < 2; pass++) {
      try (Matrix projection = la.transposedProduct(shared, a)) {
        la.subtractProductInPlace(a, shared, projection);
      }
    }
    return a;
  }

  private Matrix smallerGram(Matrix residual) {
    if (!isWide(residual)) {
      return la.gram(residual);
    }
    Matrix gram = la.zeros(residual.rows(), residual.rows(), Precision.FLOAT64);
    la.addOuterProductInPlace(gram, residual, 1);
    return gram;
  }

  private static boolean isWide(Matrix a) {
    return a.columns() > a.rows();
  }
}
