package io.github.colonnade.tests.performance;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import java.util.Random;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;

/**
 * A matrix for OpenBLAS and LAPACK themselves: rows×columns in native memory, column after column.
 * Freed with the process.
 */
record NativeArray(Precision precision, int rows, int columns, Pointer pointer) {

  /** Numbers between −1 and 1. */
  static double[] random(int rows, int columns) {
    return new Random(31L * rows + columns).doubles((long) rows * columns, -1, 1).toArray();
  }

  static NativeArray of(Precision precision, double[] numbers, int rows, int columns) {
    if (precision == Precision.FLOAT64) {
      return new NativeArray(precision, rows, columns, new DoublePointer(numbers));
    }
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return new NativeArray(precision, rows, columns, new FloatPointer(floats));
  }

  static NativeArray random(Precision precision, int rows, int columns) {
    return of(precision, random(rows, columns), rows, columns);
  }

  /** The same numbers for the program. */
  static Matrix matrix(LinearAlgebra la, Precision precision, double[] numbers, int rows, int n) {
    try (Matrix doubles = la.fromColumns(numbers, rows, n)) {
      return la.cast(doubles, precision);
    }
  }

  DoublePointer doubles() {
    return (DoublePointer) pointer;
  }

  FloatPointer floats() {
    return (FloatPointer) pointer;
  }

  /** Overwrites this array with another of the same size. */
  void copyFrom(NativeArray other) {
    Pointer.memcpy(pointer, other.pointer, (long) rows * columns * precision.sizeBytes());
  }

  /** C ← alpha·A·B + beta·C, C this array, A transposed if asked. */
  void gemm(double alpha, NativeArray a, boolean transposed, NativeArray b, double beta) {
    int ta = transposed ? openblas.CblasTrans : openblas.CblasNoTrans;
    int inner = b.rows;
    if (precision == Precision.FLOAT64) {
      openblas.cblas_dgemm(
          openblas.CblasColMajor,
          ta,
          openblas.CblasNoTrans,
          rows,
          columns,
          inner,
          alpha,
          a.doubles(),
          a.rows,
          b.doubles(),
          inner,
          beta,
          doubles(),
          rows);
    } else {
      openblas.cblas_sgemm(
          openblas.CblasColMajor,
          ta,
          openblas.CblasNoTrans,
          rows,
          columns,
          inner,
          (float) alpha,
          a.floats(),
          a.rows,
          b.floats(),
          inner,
          (float) beta,
          floats(),
          rows);
    }
  }

  /** One triangle of G ← A·Aᵀ + beta·G, G this array, or of AᵀA; both in double. */
  void syrk(NativeArray a, boolean transposed, double beta) {
    openblas.cblas_dsyrk(
        openblas.CblasColMajor,
        openblas.CblasUpper,
        transposed ? openblas.CblasTrans : openblas.CblasNoTrans,
        rows,
        transposed ? a.rows : a.columns,
        1,
        a.doubles(),
        a.rows,
        beta,
        doubles(),
        rows);
  }

  /** This array becomes the eigenvectors of the symmetric matrix that it was, in double. */
  void eigen(NativeArray values) {
    check(
        openblas.LAPACKE_dsyevd(
            openblas.LAPACK_COL_MAJOR,
            (byte) 'V',
            (byte) 'U',
            rows,
            doubles(),
            rows,
            values.doubles()));
  }

  /** This array becomes Q of its thin QR; rows ≥ columns. */
  void orthonormalize(NativeArray tau) {
    int order = openblas.LAPACK_COL_MAJOR;
    if (precision == Precision.FLOAT64) {
      check(openblas.LAPACKE_dgeqrf(order, rows, columns, doubles(), rows, tau.doubles()));
      check(openblas.LAPACKE_dorgqr(order, rows, columns, columns, doubles(), rows, tau.doubles()));
    } else {
      check(openblas.LAPACKE_sgeqrf(order, rows, columns, floats(), rows, tau.floats()));
      check(openblas.LAPACKE_sorgqr(order, rows, columns, columns, floats(), rows, tau.floats()));
    }
  }

  /** The thin SVD of this array, which is overwritten; rows ≥ columns. */
  void svd(NativeArray u, NativeArray s, NativeArray vt) {
    int order = openblas.LAPACK_COL_MAJOR;
    byte thin = (byte) 'S';
    check(
        precision == Precision.FLOAT64
            ? openblas.LAPACKE_dgesdd(
                order,
                thin,
                rows,
                columns,
                doubles(),
                rows,
                s.doubles(),
                u.doubles(),
                rows,
                vt.doubles(),
                columns)
            : openblas.LAPACKE_sgesdd(
                order,
                thin,
                rows,
                columns,
                floats(),
                rows,
                s.floats(),
                u.floats(),
                rows,
                vt.floats(),
                columns));
  }

  private static void check(int info) {
    if (info != 0) {
      throw new ArithmeticException("LAPACK failed, info " + info);
    }
  }
}
