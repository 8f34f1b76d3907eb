package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Leading left singular vectors of a large matrix whose energy lies in few directions, in a small
 * part of the time that its Gram matrix and the eigenvalues of that take.
 *
 * <p>With k random directions Ω, Q is an orthonormal basis of A·AᵀΩ, and the singular values are
 * those of QᵀA, the vectors Q times its left ones (randomised subspace iteration: N. Halko, P. G.
 * Martinsson and J. A. Tropp, Finding structure with randomness, SIAM Review 53, 2011, algorithm
 * 4.4). What that leaves out is known, ‖A‖² − ‖QᵀA‖², and by Ky Fan, for any r,
 *
 * <pre>  Σ_{i≤r} σᵢ(A)² − (‖A‖² − ‖QᵀA‖²)  ≤  Σ_{i≤r} σᵢ(QᵀA)²  ≤  Σ_{i≤r} σᵢ(A)².</pre>
 *
 * So nothing is returned unless that is a small part of what may be lost. The directions are the
 * same each time.
 */
final class RangeFinder {

  /** Smaller sides have eigenproblems that are as fast. */
  private static final int LEAST_SIDE = 512;

  /** Directions: this part of the smaller side, and so many at least. */
  private static final int SIDE_PER_DIRECTION = 16;

  private static final int LEAST_DIRECTIONS = 48;

  /** The share of what may be lost that the directions leave out. */
  private static final double LEFT_OUT = 0.05;

  /** Iterations, as long as no more is left out than may be lost and each leaves out half. */
  private static final int MOST_ITERATIONS = 3;

  private final LinearAlgebra la;

  RangeFinder(LinearAlgebra la) {
    this.la = la;
  }

  /**
   * What was found.
   *
   * @param vectors m×k with orthonormal columns, closed by the caller
   * @param squares k squared singular values, largest first
   * @param outside the energy outside the vectors
   */
  record Leading(Matrix vectors, double[] squares, double outside) {}

  /** How many directions are found of a matrix whose smaller side is this. */
  static int directions(long side) {
    return Math.toIntExact(Math.max(LEAST_DIRECTIONS, side / SIDE_PER_DIRECTION));
  }

  /**
   * The directions that hold all but a small part of what may be lost.
   *
   * @param a A: m×n FLOAT64, not modified
   * @param energy ‖A‖²
   * @param allowed the energy that may be lost
   * @return nothing if more directions would have to be looked at, or the matrix is small
   */
  Optional<Leading> find(Matrix a, double energy, double allowed) {
    int side = Math.min(a.rows(), a.columns());
    if (side < LEAST_SIDE) {
      return Optional.empty();
    }
    int k = directions(side);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix directions = scope.own(random(a.rows(), k));
      double before = 2 * allowed;
      for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
        Matrix last = directions;
        directions = scope.own(iterate(a, last));
        scope.release(last).close();
        Matrix gram = scope.own(la.zeros(k, k, Precision.FLOAT64));
        try (Matrix projection = la.transposedProduct(directions, a)) {
          la.addOuterProductInPlace(gram, projection, 1);
        }
        Eigen eigen = scope.own(la.symmetricEigen(gram));
        double[] squares = Arrays.stream(eigen.values()).map(each -> Math.max(each, 0)).toArray();
        double outside = Math.max(0, energy - Arrays.stream(squares).sum());
        if (outside <= LEFT_OUT * allowed) {
          return Optional.of(
              new Leading(la.product(directions, eigen.vectors()), squares, outside));
        }
        if (outside > before / 2) {
          break;
        }
        before = outside;
      }
    }
    return Optional.empty();
  }

  /** An orthonormal basis of A·Aᵀ times some directions. */
  private Matrix iterate(Matrix a, Matrix directions) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix seen = scope.own(la.transposedProduct(a, directions));
      LinearAlgebra.Qr qr = la.qr(scope.own(la.product(a, seen)));
      scope.own(qr.r());
      return qr.q();
    }
  }

  /** Random signs, which are as good as normal numbers here. */
  private Matrix random(int rows, int columns) {
    SplittableRandom random = new SplittableRandom(1);
    double[] signs = new double[rows * columns];
    for (int i = 0; i < signs.length; i++) {
      signs[i] = random.nextBoolean() ? 1 : -1;
    }
    return la.fromColumns(signs, rows, columns);
  }
}
