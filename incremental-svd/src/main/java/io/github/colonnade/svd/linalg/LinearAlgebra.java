package io.github.colonnade.svd.linalg;

import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The matrix operations that sketches, partitions and encoders are written in.
 *
 * <p>Shapes are in the javadoc of each method; arguments are never modified unless the method's
 * name ends in {@code InPlace}; results are new matrices that the caller closes. Both operands of a
 * product have the same {@link Precision}, and the result has it too. Energies (squared Frobenius
 * norms), Gram matrices and eigenproblems are computed in double whatever the precision.
 *
 * <p>An implementation may be shared by threads as long as each matrix is used by one at a time,
 * also for reading: what a matrix is known to be may be written when it is first read.
 */
public interface LinearAlgebra extends AutoCloseable {

  /** A = Q·R; {@code q}: m×k with orthonormal columns, {@code r}: k×n, k = min(m, n). */
  record Qr(Matrix q, Matrix r) {}

  /**
   * The left half of a thin SVD; {@code vectors}: m×k orthonormal, {@code values}: k singular
   * values, largest first, k = min(m, n).
   */
  record LeftSvd(Matrix vectors, double[] values) {}

  /**
   * Eigenpairs of a symmetric G: n×n; {@code values}: eigenvalues, largest first, {@code vectors}:
   * n×k FLOAT64 with orthonormal columns, of which column i belongs to value i.
   */
  record Eigen(double[] values, Matrix vectors) {}

  /** The backend's name for messages and reports. */
  String name();

  /** Gives back the memory that is kept for later matrices. Open ones stay as they are. */
  @Override
  void close();

  /** An m×n matrix of zeros. */
  Matrix zeros(int rows, int columns, Precision precision);

  /** A FLOAT64 matrix from {@code rows * columns} elements, column after column (copied). */
  Matrix fromColumns(double[] elements, int rows, int columns);

  /** A FLOAT32 matrix from {@code rows * columns} elements, column after column (copied). */
  Matrix fromColumns(float[] elements, int rows, int columns);

  /** The same matrix in another precision; a copy even where nothing changes. */
  Matrix cast(Matrix a, Precision precision);

  /** Columns {@code from} (inclusive) to {@code to} (exclusive) of A, copied. */
  Matrix columns(Matrix a, int from, int to);

  /** The named columns of A in the given order, copied. */
  Matrix selectColumns(Matrix a, int[] columns);

  /** [A₁ … A_K] of matrices with equal row counts and precision. At least one matrix. */
  Matrix concatenate(List<Matrix> matrices);

  /** A·diag(d) for A: m×n, d: n factors. */
  Matrix scaleColumns(Matrix a, double[] factors);

  /** A·B for A: m×k, B: k×n. */
  Matrix product(Matrix a, Matrix b);

  /** Aᵀ·B for A: k×m, B: k×n. */
  Matrix transposedProduct(Matrix a, Matrix b);

  /** A·Bᵀ for A: m×k, B: n×k. */
  Matrix productTransposed(Matrix a, Matrix b);

  /** C ← C − A·B for C: m×n, A: m×k, B: k×n. */
  void subtractProductInPlace(Matrix c, Matrix a, Matrix b);

  /** ‖A‖_F², accumulated in double. */
  double energy(Matrix a);

  /** The squared norm of each column, accumulated in double. */
  double[] columnEnergies(Matrix a);

  /** The squared norm of each row, accumulated in double. */
  double[] rowEnergies(Matrix a);

  /** G ← G + w·A·Aᵀ for G: m×m FLOAT64, symmetric but for rounding, A: m×n of any precision. */
  void addOuterProductInPlace(Matrix g, Matrix a, double weight);

  /** Aᵀ·A, n×n FLOAT64, symmetric but for rounding, for A: m×n of any precision. */
  Matrix gram(Matrix a);

  /** Thin QR factorisation of A: m×n, in A's precision (Householder: Q is orthonormal always). */
  Qr qr(Matrix a);

  /** Singular values and left vectors of A: m×n, computed in A's precision. */
  LeftSvd leftSvd(Matrix a);

  /** All eigenvalues and vectors of a symmetric FLOAT64 matrix. */
  Eigen symmetricEigen(Matrix g);

  /**
   * All eigenvalues of a symmetric FLOAT64 matrix, and the vectors of the largest. The fewer these
   * are the faster it is.
   *
   * @param count tells from the eigenvalues, largest first, how many vectors there are to be
   */
  default Eigen symmetricEigen(Matrix g, ToIntFunction<double[]> count) {
    Eigen all = symmetricEigen(g);
    try (Matrix vectors = all.vectors()) {
      return new Eigen(all.values(), columns(vectors, 0, count.applyAsInt(all.values())));
    }
  }

  /** The eigenvalues of a symmetric FLOAT64 matrix, largest first. */
  double[] symmetricEigenvalues(Matrix g);
}
