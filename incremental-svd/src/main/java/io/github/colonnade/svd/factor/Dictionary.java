package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Optional;

/**
 * The columns Ũ that blocks may use, as they are stored, and what {@link LeastSquares} needs to
 * know of them.
 *
 * <p>Where ŨᵀA is to be found and UᵀA is there already for an orthonormal U whose space holds the
 * columns but for their rounding, ŨᵀA is taken as (ŨᵀU)·(UᵀA). That spares a product with all rows.
 * It leaves out ŨᵀR for the rest R = A − UUᵀA, which is at most the roundoff times ‖R‖ in size, and
 * so much less than the rounding of the coefficients.
 *
 * @param basis Ũ: m×r FLOAT64; stays the caller's
 * @param energies ‖ũ_k‖² of its columns
 * @param inside how blocks are seen in it, if UᵀA is there
 */
record Dictionary(Matrix basis, double[] energies, Optional<Inside> inside)
    implements AutoCloseable {

  /** Each step takes the error of the last to a higher power of the unit roundoff. */
  private static final int REFINEMENTS = 3;

  /**
   * What is known on an orthonormal basis.
   *
   * @param projections that have UᵀA
   * @param turned ŨᵀU: r×q
   * @param gram ŨᵀŨ: r×r
   * @param solved (ŨᵀŨ)⁻¹ŨᵀU, for blocks that use all columns; empty for some of the columns
   */
  record Inside(Projections projections, Matrix turned, Matrix gram, Optional<Matrix> solved) {

    /** The same for some of the columns; its matrices are closed with {@code owner}. */
    Inside some(LinearAlgebra la, int[] used, MatrixScope owner) {
      int r = turned.rows();
      double[] all = turned.toDoubles();
      double[] some = new double[used.length * turned.columns()];
      for (int j = 0; j < turned.columns(); j++) {
        for (int i = 0; i < used.length; i++) {
          some[i + j * used.length] = all[used[i] + j * r];
        }
      }
      double[] products = gram.toDoubles();
      double[] ofSome = new double[used.length * used.length];
      for (int j = 0; j < used.length; j++) {
        for (int i = 0; i < used.length; i++) {
          ofSome[i + j * used.length] = products[used[i] + used[j] * r];
        }
      }
      return new Inside(
          projections,
          owner.own(la.fromColumns(some, used.length, turned.columns())),
          owner.own(la.fromColumns(ofSome, used.length, used.length)),
          Optional.empty());
    }
  }

  /** Columns of which nothing else is known. */
  static Dictionary of(LinearAlgebra la, Matrix basis) {
    return new Dictionary(basis, la.columnEnergies(basis), Optional.empty());
  }

  /**
   * Columns in the space of a basis, but for rounding.
   *
   * @param vectors U: m×q, or a basis of which it is the leading part
   * @param projections on U; of use only if they keep coefficients
   */
  static Dictionary of(LinearAlgebra la, Matrix basis, Matrix vectors, Projections projections) {
    if (!projections.keepCoefficients()) {
      return of(la, basis);
    }
    int q = projections.directions();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix u = q == vectors.columns() ? vectors : scope.own(la.columns(vectors, 0, q));
      Matrix turned = la.transposedProduct(basis, u);
      Matrix gram = la.gram(basis);
      Inside inside = new Inside(projections, turned, gram, Optional.of(solved(la, turned, gram)));
      return new Dictionary(basis, la.columnEnergies(basis), Optional.of(inside));
    }
  }

  private static Matrix solved(LinearAlgebra la, Matrix turned, Matrix gram) {
    double[] x = turned.toDoubles();
    for (int step = 0; step < REFINEMENTS; step++) {
      try (Matrix left = la.cast(turned, turned.precision());
          Matrix solution = la.fromColumns(x, turned.rows(), turned.columns())) {
        la.subtractProductInPlace(left, gram, solution);
        double[] difference = left.toDoubles();
        for (int i = 0; i < x.length; i++) {
          x[i] += difference[i];
        }
      }
    }
    return la.fromColumns(x, turned.rows(), turned.columns());
  }

  @Override
  public void close() {
    inside.ifPresent(
        each -> {
          each.turned.close();
          each.gram.close();
          each.solved.ifPresent(Matrix::close);
        });
  }
}
