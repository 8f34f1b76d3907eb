package io.github.colonnade.svd.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dstedc;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

import org.bytedeco.javacpp.DoublePointer;

/**
 * All eigenvalues of a symmetric tridiagonal matrix T: n×n, and the vectors of the largest.
 *
 * <p>Divide and conquer (Cuppen 1981; Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 16, 1995): T is
 * two halves and a matrix of rank one, LAPACK's dstedc solves the halves, and {@link RankOneEigen}
 * joins them. LAPACK does the same, but makes all vectors; the last step, which takes three
 * quarters of the time, makes here only those that are wanted.
 */
final class TridiagonalEigen implements AutoCloseable {

  /** Smaller ones are left to LAPACK as they are. */
  private static final int LEAST_SPLIT = 64;

  private final Backend backend;
  private final MatrixScope scope = new MatrixScope();
  private final int n;

  // T = diag(upper, lower) + w·wᵀ with w = √|β|·(e_last, ±e_first), or upper is the whole.
  private final int half;
  private final NativeMatrix upper;
  private final NativeMatrix lower;

  /** Place i of the joined problem is this eigenvector of the halves, the upper ones first. */
  private int[] places = new int[0];

  private RankOneEigen joined = RankOneEigen.of(new double[0], new double[0]);

  /** For matrices of n rows. */
  TridiagonalEigen(Backend backend, int n) {
    this.backend = backend;
    this.n = n;
    half = n < LEAST_SPLIT ? n : n / 2;
    upper = square(half);
    lower = square(n - half);
  }

  private NativeMatrix square(int size) {
    return matrix(size, size, scope);
  }

  private NativeMatrix matrix(int rows, int columns, MatrixScope owner) {
    NativeMatrix matrix = NativeMatrix.uninitialized(backend, rows, columns, Precision.FLOAT64);
    owner.own(matrix);
    return matrix;
  }

  /**
   * All eigenvalues, largest first.
   *
   * @param diagonal n elements
   * @param beside n − 1 elements beside the diagonal, and maybe more
   */
  double[] solve(double[] diagonal, double[] beside) {
    if (half == n) {
      return descending(solvePart(diagonal, beside, 0, upper));
    }
    double coupling = beside[half - 1];
    double[] torn = diagonal.clone();
    torn[half - 1] -= Math.abs(coupling);
    torn[half] -= Math.abs(coupling);
    double[] above = solvePart(torn, beside, 0, upper);
    double[] below = solvePart(torn, beside, half, lower);
    double root = Math.sqrt(Math.abs(coupling));
    places = new int[n];
    double[] d = new double[n];
    double[] w = new double[n];
    int i = half - 1;
    int j = n - half - 1;
    for (int at = 0; at < n; at++) {
      if (j < 0 || (i >= 0 && above[i] >= below[j])) {
        d[at] = above[i];
        w[at] = root * upper.doubles().get((long) i * half + half - 1);
        places[at] = i--;
      } else {
        d[at] = below[j];
        w[at] = Math.copySign(root, coupling) * lower.doubles().get((long) j * (n - half));
        places[at] = half + j--;
      }
    }
    joined = RankOneEigen.of(d, w);
    return joined.values();
  }

  /** The eigenvalues of a part of T, smallest first; their vectors go to z. */
  private double[] solvePart(double[] diagonal, double[] beside, int from, NativeMatrix z) {
    int size = z.rows();
    double[] values = new double[size];
    try (MatrixScope vectors = new MatrixScope()) {
      DoublePointer d = matrix(size, 1, vectors).doubles();
      DoublePointer e = matrix(size, 1, vectors).doubles();
      d.put(diagonal, from, size);
      e.put(beside, from, size - 1);
      Lapack.check(
          "dstedc", LAPACKE_dstedc(LAPACK_COL_MAJOR, (byte) 'I', size, d, e, z.doubles(), size));
      d.get(values);
    }
    return values;
  }

  private static double[] descending(double[] ascending) {
    double[] descending = new double[ascending.length];
    for (int i = 0; i < descending.length; i++) {
      descending[i] = ascending[ascending.length - 1 - i];
    }
    return descending;
  }

  /**
   * The vectors of the largest eigenvalues, once it is solved.
   *
   * @return n×count, closed by the caller
   */
  NativeMatrix vectors(int count) {
    NativeMatrix vectors = NativeMatrix.uninitialized(backend, n, count, Precision.FLOAT64);
    if (count == 0) {
      return vectors;
    }
    if (half == n) {
      for (int i = 0; i < count; i++) {
        NativeMatrix.copy(upper, (long) (n - 1 - i) * n, vectors, (long) i * n, n);
      }
      return vectors;
    }
    double[] turns = joined.vectors(count);
    double[] above = new double[half * count];
    double[] below = new double[(n - half) * count];
    for (int j = 0; j < count; j++) {
      for (int i = 0; i < n; i++) {
        int place = places[i];
        if (place < half) {
          above[j * half + place] = turns[j * n + i];
        } else {
          below[j * (n - half) + place - half] = turns[j * n + i];
        }
      }
    }
    turn(upper, above, vectors, 0);
    turn(lower, below, vectors, half);
    return vectors;
  }

  /** Rows of the target, from one on: Z·turns. */
  private void turn(NativeMatrix z, double[] turns, NativeMatrix target, int from) {
    int size = z.rows();
    int count = target.columns();
    try (MatrixScope products = new MatrixScope()) {
      NativeMatrix right = matrix(size, count, products);
      NativeMatrix product = matrix(size, count, products);
      right.doubles().put(turns, 0, turns.length);
      backend.product(z, false, right, false, product);
      for (int j = 0; j < count; j++) {
        NativeMatrix.copy(product, (long) j * size, target, (long) j * n + from, size);
      }
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
