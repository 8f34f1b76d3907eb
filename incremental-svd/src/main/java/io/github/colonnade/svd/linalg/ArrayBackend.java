package io.github.colonnade.svd.linalg;

import org.nd4j.common.config.ND4JEnvironmentVars;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.LoggerFactory;

/**
 * Matrices in plain memory of the host. ND4J's CPU backend makes the large products, on arrays that
 * lie in that memory; OpenBLAS makes the small ones without it.
 *
 * <p>An array of ND4J is some ten objects, two of them known to its own garbage collection, and a
 * product is an operation with a context; together 0.1 to 0.2 ms. For a 32×16 matrix that takes far
 * longer than the product, and the collector of the process was busy with it as long as a task was
 * with its work. So ND4J is started by the first large product: many runs have none. If it cannot
 * start, OpenBLAS makes these, too.
 */
final class ArrayBackend implements Backend {

  /** Some milliseconds: arrays and the operation take a tenth of one. */
  private static final long DEFAULT_LARGE = 1L << 28;

  private final HostBackend host = new HostBackend();

  /** Operations from which on a product is one of ND4J. */
  private final long large;

  ArrayBackend() {
    this(DEFAULT_LARGE);
  }

  ArrayBackend(long large) {
    this.large = large;
    OpenBlas.ensureLoaded();
    if (System.getenv(ND4JEnvironmentVars.OMP_NUM_THREADS) == null) {
      // Then its start gives BLAS many threads for a moment, which no other task must meet.
      usesNd4j();
    }
  }

  private static boolean usesNd4j() {
    return Usable.NOW;
  }

  /** Tells once for the process whether ND4J starts. */
  private static final class Usable {
    static final boolean NOW = starts();

    private static boolean starts() {
      try {
        Nd4jRuntime.ensureStarted();
        return true;
      } catch (LinkageError e) {
        LoggerFactory.getLogger(ArrayBackend.class)
            .warn(
                "OpenBLAS makes the large products, as ND4J cannot start: {}",
                CpuFallback.cause(e));
        return false;
      }
    }
  }

  @Override
  public String name() {
    return usesNd4j() ? "nd4j-" + Nd4j.getBackend().getClass().getSimpleName() : host.name();
  }

  @Override
  public void close() {
    host.close();
  }

  @Override
  public NativeMatrix.Memory allocate(int rows, int columns, Precision precision) {
    return host.allocate(rows, columns, precision);
  }

  @Override
  public void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
    if (isLarge(a, transposeA, c)) {
      multiply(1, a, transposeA, b, transposeB, 0, c);
    } else {
      host.product(a, transposeA, b, transposeB, c);
    }
  }

  @Override
  public void addProduct(
      double weight,
      NativeMatrix a,
      boolean transposeA,
      NativeMatrix b,
      boolean transposeB,
      NativeMatrix c) {
    if (isLarge(a, transposeA, c)) {
      multiply(weight, a, transposeA, b, transposeB, 1, c);
    } else {
      host.addProduct(weight, a, transposeA, b, transposeB, c);
    }
  }

  /** ND4J has no product that makes use of the symmetry. */
  @Override
  public void symmetricProduct(NativeMatrix a, boolean transposeA, NativeMatrix c) {
    host.symmetricProduct(a, transposeA, c);
  }

  @Override
  public void addSymmetricProduct(
      double weight, NativeMatrix a, boolean transposeA, NativeMatrix c) {
    host.addSymmetricProduct(weight, a, transposeA, c);
  }

  private boolean isLarge(NativeMatrix a, boolean transposeA, NativeMatrix c) {
    long k = transposeA ? a.rows() : a.columns();
    return 2 * c.length() * k >= large && usesNd4j();
  }

  private static void multiply(
      double alpha,
      NativeMatrix a,
      boolean transposeA,
      NativeMatrix b,
      boolean transposeB,
      double beta,
      NativeMatrix c) {
    try (View left = View.of(a);
        View right = View.of(b);
        View target = View.of(c)) {
      Nd4j.gemm(left.array, right.array, target.array, transposeA, transposeB, alpha, beta);
    }
  }

  /** A matrix as an array of ND4J, which does not own the memory. */
  private record View(DataBuffer buffer, INDArray array) implements AutoCloseable {

    static View of(NativeMatrix matrix) {
      DataBuffer buffer =
          Nd4j.createBuffer(
              matrix.memory().pointer(), matrix.length(), Nd4jRuntime.dataType(matrix.precision()));
      long[] shape = {matrix.rows(), matrix.columns()};
      long[] strides = {1, matrix.rows()};
      return new View(buffer, Nd4j.create(buffer, shape, strides, 0, 'f'));
    }

    @Override
    public void close() {
      buffer.close();
    }
  }
}
