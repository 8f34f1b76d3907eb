package io.github.colonnade.svd.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dstedc;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

import java.util.Arrays;
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

  /** Vectors that are made at a time, which bounds what they take in the heap. */
  private static final int PANEL = 64;

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
    upper = matrix(half, half, scope);
    lower = matrix(n - half, n - half, scope);
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
      double[] values = solvePart(diagonal, beside, 0, upper);
      Nd4jLinearAlgebra.reverse(values);
      return values;
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
    try (MatrixScope panels = new MatrixScope()) {
      panels.own(vectors);
      int columns = Math.min(PANEL, count);
      Panel above = new Panel(upper, 0, columns, panels);
      Panel below = new Panel(lower, half, columns, panels);
      for (int from = 0; from < count; from += columns) {
        int to = Math.min(count, from + columns);
        double[] turns = joined.vectors(from, to);
        above.turn(turns, vectors, from, to);
        below.turn(turns, vectors, from, to);
      }
      panels.release(vectors);
    }
    return vectors;
  }

  /** Some columns of the rows that belong to one half. */
  private final class Panel {
    private final NativeMatrix z;
    private final int firstRow;
    private final NativeMatrix right;
    private final NativeMatrix product;
    private final double[] turns;

    Panel(NativeMatrix z, int firstRow, int columns, MatrixScope owner) {
      this.z = z;
      this.firstRow = firstRow;
      right = matrix(z.rows(), columns, owner);
      product = matrix(z.rows(), columns, owner);
      turns = new double[z.rows() * columns];
    }

    /** Columns {@code from} to {@code to} of the target, in this half's rows: Z·turns. */
    void turn(double[] all, NativeMatrix target, int from, int to) {
      int size = z.rows();
      Arrays.fill(turns, 0);
      for (int j = 0; j < to - from; j++) {
        for (int i = 0; i < n; i++) {
          int row = places[i] - firstRow;
          if (row >= 0 && row < size) {
            turns[j * size + row] = all[j * n + i];
          }
        }
      }
      right.doubles().put(turns, 0, turns.length);
      backend.product(z, false, right, false, product);
      for (int j = from; j < to; j++) {
        NativeMatrix.copy(product, (long) (j - from) * size, target, (long) j * n + firstRow, size);
      }
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
