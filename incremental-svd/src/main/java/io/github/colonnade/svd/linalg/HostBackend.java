package io.github.colonnade.svd.linalg;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasColMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasUpper;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_daxpy;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dgemm;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dsyrk;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_saxpy;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sgemm;

/**
 * Matrices in plain memory of the host, multiplied by OpenBLAS, without ND4J.
 *
 * <p>For small matrices, and for processes in which ND4J's arrays are those of a device, or in
 * which ND4J cannot start.
 */
final class HostBackend implements Backend {

  /** From which m on half of the work takes less time than a product that is all of it. */
  private static final int SYMMETRIC_FROM = 64;

  private static final long SMALL = 1L << 18;
  private static final long KEPT_OF_SMALL = 8L << 20;
  private static final long LARGEST_KEPT = 8L << 20;
  private static final long KEPT_OF_LARGE = 8L << 20;

  /** Apart from the large ones, of which a few would take the place of all. */
  private final HostMemory small = new HostMemory(SMALL, KEPT_OF_SMALL);

  private final HostMemory large = new HostMemory(LARGEST_KEPT, KEPT_OF_LARGE);

  HostBackend() {
    OpenBlas.ensureLoaded();
  }

  @Override
  public String name() {
    return "openblas";
  }

  @Override
  public void close() {
    small.close();
    large.close();
  }

  @Override
  public NativeMatrix.Memory allocate(int rows, int columns, Precision precision) {
    long sizeBytes = (long) rows * columns * precision.sizeBytes();
    return (sizeBytes <= SMALL ? small : large).allocate(sizeBytes, precision);
  }

  @Override
  public void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
    gemm(1, a, transposeA, b, transposeB, 0, c);
  }

  @Override
  public void addProduct(
      double weight,
      NativeMatrix a,
      boolean transposeA,
      NativeMatrix b,
      boolean transposeB,
      NativeMatrix c) {
    gemm(weight, a, transposeA, b, transposeB, 1, c);
  }

  @Override
  public void symmetricProduct(NativeMatrix a, boolean transposeA, NativeMatrix c) {
    symmetric(1, a, transposeA, 0, c);
  }

  @Override
  public void addSymmetricProduct(
      double weight, NativeMatrix a, boolean transposeA, NativeMatrix c) {
    symmetric(weight, a, transposeA, 1, c);
  }

  private static void symmetric(
      double alpha, NativeMatrix a, boolean transposeA, double beta, NativeMatrix c) {
    int m = c.rows();
    int k = transposeA ? a.rows() : a.columns();
    if (m < SYMMETRIC_FROM) {
      gemm(alpha, a, transposeA, a, !transposeA, beta, c);
      return;
    }
    cblas_dsyrk(
        CblasColMajor,
        CblasUpper,
        transposeA ? CblasTrans : CblasNoTrans,
        m,
        k,
        alpha,
        a.doubles(),
        a.rows(),
        beta,
        c.upperTriangle(),
        m);
    c.keepUpperTriangle();
  }

  /** Y ← Y + weight·X, of one shape and precision. */
  void add(double weight, NativeMatrix x, NativeMatrix y) {
    int m = x.rows();
    for (int j = 0; j < x.columns(); j++) {
      long at = (long) j * m;
      if (x.precision() == Precision.FLOAT32) {
        cblas_saxpy(m, (float) weight, x.floats().getPointer(at), 1, y.floats().getPointer(at), 1);
      } else {
        cblas_daxpy(m, weight, x.doubles().getPointer(at), 1, y.doubles().getPointer(at), 1);
      }
    }
  }

  private static void gemm(
      double alpha,
      NativeMatrix a,
      boolean transposeA,
      NativeMatrix b,
      boolean transposeB,
      double beta,
      NativeMatrix c) {
    int ta = transposeA ? CblasTrans : CblasNoTrans;
    int tb = transposeB ? CblasTrans : CblasNoTrans;
    int m = c.rows();
    int n = c.columns();
    int k = transposeA ? a.rows() : a.columns();
    if (c.precision() == Precision.FLOAT32) {
      cblas_sgemm(
          CblasColMajor,
          ta,
          tb,
          m,
          n,
          k,
          (float) alpha,
          a.floats(),
          a.rows(),
          b.floats(),
          b.rows(),
          (float) beta,
          c.floats(),
          m);
    } else {
      cblas_dgemm(
          CblasColMajor,
          ta,
          tb,
          m,
          n,
          k,
          alpha,
          a.doubles(),
          a.rows(),
          b.doubles(),
          b.rows(),
          beta,
          c.doubles(),
          m);
    }
  }
}
