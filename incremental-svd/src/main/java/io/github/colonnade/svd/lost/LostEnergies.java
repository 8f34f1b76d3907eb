package io.github.colonnade.svd.lost;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;

/** Measures the {@link LostPlan.Energies} of a matrix. */
public final class LostEnergies {

  private LostEnergies() {}

  /**
   * What U captures of the columns of W. What it does not reach is the energy of the residual, not
   * a difference of energies, which says nothing of small losses.
   *
   * @param w W: m×n FLOAT64, not modified
   * @param vectors U: m×q FLOAT64 with orthonormal columns, not modified
   */
  public static LostPlan.Energies of(LinearAlgebra la, Matrix w, Matrix vectors) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix projection = scope.own(la.transposedProduct(vectors, w));
      Matrix residual = scope.own(la.cast(w, w.precision()));
      la.subtractProductInPlace(residual, vectors, projection);
      double[] captured = projection.toDoubles();
      for (int i = 0; i < captured.length; i++) {
        captured[i] *= captured[i];
      }
      return new LostPlan.Energies(w.rows(), captured, la.columnEnergies(residual));
    }
  }
}
