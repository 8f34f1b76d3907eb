package io.github.colonnade.svd.linalg;

import java.util.ArrayList;
import java.util.List;

/**
 * Closes the matrices of one computation together.
 *
 * <p>{@code try (MatrixScope scope = new MatrixScope()) { Matrix p = scope.own(la.product(a, b)); …
 * }}
 */
public final class MatrixScope implements AutoCloseable {

  private final List<Matrix> owned = new ArrayList<>();

  /** Takes the ownership of a matrix until this scope closes. */
  public Matrix own(Matrix matrix) {
    owned.add(matrix);
    return matrix;
  }

  /** Takes the ownership of both factors. */
  public LinearAlgebra.Qr own(LinearAlgebra.Qr qr) {
    own(qr.q());
    own(qr.r());
    return qr;
  }

  /** Takes the ownership of the vectors. */
  public LinearAlgebra.Eigen own(LinearAlgebra.Eigen eigen) {
    own(eigen.vectors());
    return eigen;
  }

  /** Takes the ownership of the vectors. */
  public LinearAlgebra.LeftSvd own(LinearAlgebra.LeftSvd svd) {
    own(svd.vectors());
    return svd;
  }

  /** Gives a matrix back to the caller: it stays open when this scope closes. */
  public Matrix release(Matrix matrix) {
    owned.removeIf(each -> each == matrix);
    return matrix;
  }

  @Override
  public void close() {
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
    owned.clear();
  }
}
