package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
 * <p>Matrices of r×r numbers are outside of the Java heap. There are four of them at most: while
 * their inverse is found, or while what belongs to some of the columns is taken out.
 *
 * @param basis Ũ: m×r FLOAT64; stays the caller's
 * @param energies ‖ũ_k‖² of its columns
 * @param inside what spares products with all rows, unless that would not be exact enough
 */
record Dictionary(Matrix basis, double[] energies, Optional<Inside> inside)
    implements AutoCloseable {

  /** The most numbers, but for one column, of a large matrix that are on the heap at a time. */
  private static final int CHUNK = 1 << 16;

  /**
   * Products of the columns with each other and with an orthonormal basis.
   *
   * @param gram ŨᵀŨ: r×r
   * @param inverse its inverse, for blocks that use all columns; empty for some of the columns
   * @param projected where UᵀA is there
   */
  record Inside(Matrix gram, Optional<Inverse> inverse, Optional<Projected> projected) {

    /** The same for some of the columns; its matrices are closed with {@code owner}. */
    Inside some(LinearAlgebra la, int[] used, MatrixScope owner) {
      return new Inside(
          owner.own(rows(la, gram, used, used)),
          Optional.empty(),
          projected.map(
              each -> {
                int[] all = KeptRows.all(each.turned.columns());
                return new Projected(each.projections, owner.own(rows(la, each.turned, all, used)));
              }));
    }

    private static Matrix rows(LinearAlgebra la, Matrix a, int[] columns, int[] used) {
      int r = a.rows();
      return byColumns(
          la,
          a,
          columns,
          used.length,
          (all, first) -> {
            double[] some = new double[all.length / Math.max(1, r) * used.length];
            for (int to = 0, from = 0; to < some.length; to += used.length, from += r) {
              for (int i = 0; i < used.length; i++) {
                some[to + i] = all[from + used[i]];
              }
            }
            return some;
          });
    }
  }

  /**
   * How blocks are seen on an orthonormal basis.
   *
   * @param projections that have UᵀA
   * @param turned ŨᵀU: r×q
   */
  record Projected(Projections projections, Matrix turned) {}

  /** The inverse of a matrix that is nearly the identity, found when somebody asks for it. */
  static final class Inverse implements AutoCloseable {
    private final LinearAlgebra la;
    private final Matrix gram;
    private Optional<Matrix> found = Optional.empty();

    /**
     * @param gram G: r×r, stays the caller's
     */
    Inverse(LinearAlgebra la, Matrix gram) {
      this.la = la;
      this.gram = gram;
    }

    /**
     * G⁻¹ by two of Newton's steps X ← X·(2I − G·X) from I: they leave (I − G)⁴ of the identity. It
     * is closed with this.
     */
    Matrix get() {
      if (found.isEmpty()) {
        try (Matrix first = twiceIdentityLess(gram);
            Matrix product = la.product(gram, first);
            MatrixScope scope = new MatrixScope()) {
          double[] twice = new double[gram.columns()];
          Arrays.fill(twice, 2);
          Matrix inverse = scope.own(la.scaleColumns(first, twice));
          la.subtractProductInPlace(inverse, first, product);
          found = Optional.of(scope.release(inverse));
        }
      }
      return found.get();
    }

    private Matrix twiceIdentityLess(Matrix a) {
      int r = a.rows();
      return byColumns(
          la,
          a,
          KeptRows.all(r),
          r,
          (numbers, first) -> {
            for (int i = 0; i < numbers.length; i++) {
              numbers[i] = -numbers[i];
            }
            for (int at = first; at < numbers.length; at += r + 1) {
              numbers[at] += 2;
            }
            return numbers;
          });
    }

    @Override
    public void close() {
      found.ifPresent(Matrix::close);
      found = Optional.empty();
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
   * @param projections on U
   */
  static Dictionary of(LinearAlgebra la, Matrix basis, Matrix vectors, Projections projections) {
    if (!projections.tellDifferences()) {
      return of(la, basis);
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix gram = scope.own(la.gram(basis));
      Optional<Projected> projected = Optional.empty();
      if (projections.keepCoefficients()) {
        try (Matrix u = la.columns(vectors, 0, projections.directions())) {
          Matrix turned = scope.own(la.transposedProduct(basis, u));
          projected = Optional.of(new Projected(projections, turned));
        }
      }
      Inside inside = new Inside(gram, Optional.of(new Inverse(la, gram)), projected);
      Dictionary dictionary = new Dictionary(basis, la.columnEnergies(basis), Optional.of(inside));
      scope.release(gram);
      projected.ifPresent(each -> scope.release(each.turned));
      return dictionary;
    }
  }

  /** What becomes of some columns. */
  private interface ColumnsChange {
    /**
     * @param numbers column after column; may be overwritten
     * @param first how many columns come before these
     */
    double[] apply(double[] numbers, int first);
  }

  /** Changes columns of a matrix some at a time, since all may be too large for the heap. */
  private static Matrix byColumns(
      LinearAlgebra la, Matrix a, int[] columns, int rows, ColumnsChange change) {
    int step = Math.max(1, CHUNK / Math.max(1, a.rows()));
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> parts = new ArrayList<>();
      int from = 0;
      do {
        int to = Math.min(columns.length, from + step);
        double[] numbers;
        try (Matrix some = la.selectColumns(a, Arrays.copyOfRange(columns, from, to))) {
          numbers = some.toDoubles();
        }
        parts.add(scope.own(la.fromColumns(change.apply(numbers, from), rows, to - from)));
        from = to;
      } while (from < columns.length);
      return parts.size() == 1 ? scope.release(parts.get(0)) : la.concatenate(parts);
    }
  }

  @Override
  public void close() {
    inside.ifPresent(
        each -> {
          each.inverse.ifPresent(Inverse::close);
          each.gram.close();
          each.projected.ifPresent(projected -> projected.turned.close());
        });
  }
}
