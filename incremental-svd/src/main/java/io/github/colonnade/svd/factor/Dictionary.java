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
 * @param inside what spares products with all rows, unless that would not be exact enough
 */
record Dictionary(Matrix basis, double[] energies, Optional<Inside> inside)
    implements AutoCloseable {

  /** Each step takes the error of the last to a higher power of the unit roundoff. */
  private static final int REFINEMENTS = 3;

  /**
   * Products of the columns with each other and with an orthonormal basis.
   *
   * @param gram ŨᵀŨ: r×r
   * @param inverse its inverse, for blocks that use all columns; empty for some of the columns
   * @param projected where UᵀA is there
   */
  record Inside(Matrix gram, Optional<Matrix> inverse, Optional<Projected> projected) {

    /** The same for some of the columns; its matrices are closed with {@code owner}. */
    Inside some(LinearAlgebra la, int[] used, MatrixScope owner) {
      Matrix some = owner.own(rows(la, owner.own(la.selectColumns(gram, used)), used));
      return new Inside(
          some,
          Optional.empty(),
          projected.map(
              each -> new Projected(each.projections, owner.own(rows(la, each.turned, used)))));
    }

    private static Matrix rows(LinearAlgebra la, Matrix a, int[] used) {
      double[] all = a.toDoubles();
      double[] some = new double[used.length * a.columns()];
      for (int j = 0; j < a.columns(); j++) {
        for (int i = 0; i < used.length; i++) {
          some[i + j * used.length] = all[used[i] + j * a.rows()];
        }
      }
      return la.fromColumns(some, used.length, a.columns());
    }
  }

  /**
   * How blocks are seen on an orthonormal basis.
   *
   * @param projections that have UᵀA
   * @param turned ŨᵀU: r×q
   */
  record Projected(Projections projections, Matrix turned) {}

  /** Columns of which nothing else is known. */
  static Dictionary of(LinearAlgebra la, Matrix basis) {
    return new Dictionary(basis, la.columnEnergies(basis), Optional.empty());
  }

  /**
   * Columns in the space of a basis, but for rounding.
   *
   * @param vectors U: m×q, or a basis of which it is the leading part
   * @param projections on U
   */
  static Dictionary of(LinearAlgebra la, Matrix basis, Matrix vectors, Projections projections) {
    if (!projections.tellDifferences()) {
      return of(la, basis);
    }
    Matrix gram = la.gram(basis);
    Optional<Projected> projected = Optional.empty();
    if (projections.keepCoefficients()) {
      try (Matrix u = la.columns(vectors, 0, projections.directions())) {
        projected = Optional.of(new Projected(projections, la.transposedProduct(basis, u)));
      }
    }
    Inside inside = new Inside(gram, Optional.of(inverse(la, gram)), projected);
    return new Dictionary(basis, la.columnEnergies(basis), Optional.of(inside));
  }

  /** G⁻¹ of a matrix that is nearly the identity. */
  private static Matrix inverse(LinearAlgebra la, Matrix gram) {
    int r = gram.rows();
    double[] x = identity(r);
    try (Matrix identity = la.fromColumns(x, r, r)) {
      for (int step = 0; step < REFINEMENTS; step++) {
        try (Matrix left = la.cast(identity, identity.precision());
            Matrix inverse = la.fromColumns(x, r, r)) {
          la.subtractProductInPlace(left, gram, inverse);
          double[] difference = left.toDoubles();
          for (int i = 0; i < x.length; i++) {
            x[i] += difference[i];
          }
        }
      }
    }
    return la.fromColumns(x, r, r);
  }

  private static double[] identity(int r) {
    double[] identity = new double[r * r];
    for (int i = 0; i < r; i++) {
      identity[i * (r + 1)] = 1;
    }
    return identity;
  }

  @Override
  public void close() {
    inside.ifPresent(
        each -> {
          each.gram.close();
          each.inverse.ifPresent(Matrix::close);
          each.projected.ifPresent(projected -> projected.turned.close());
        });
  }
}
