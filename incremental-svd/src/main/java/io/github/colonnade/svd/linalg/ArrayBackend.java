package io.github.colonnade.svd.linalg;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Matrices in the arrays of ND4J's CPU backend, which multiplies them; but small ones in plain
 * memory of the host, multiplied by the same OpenBLAS without ND4J.
 *
 * <p>An array of ND4J is some ten objects, two of them known to its own garbage collection, and a
 * product is an operation with a context. For a 32×16 matrix that takes longer than the product,
 * and the collector of the process was busy with it as long as a task was with its work. So ND4J
 * multiplies where all three matrices are large.
 */
final class ArrayBackend implements Backend {

  private static final int DEFAULT_LARGE = 1 << 16;

  private final HostBackend host = new HostBackend();

  /** Elements from which on a matrix is an array of ND4J. */
  private final int large;

  /** A detached array of order 'f' that is no view. */
  private record ArrayMemory(INDArray array) implements NativeMatrix.Memory {

    @Override
    public Pointer pointer() {
      return array.data().pointer();
    }

    @Override
    public void free() {
      array.close();
    }
  }

  ArrayBackend() {
    this(DEFAULT_LARGE);
  }

  ArrayBackend(int large) {
    this.large = large;
    Nd4jRuntime.ensureStarted();
    OpenBlas.ensureLoaded();
  }

  @Override
  public String name() {
    return "nd4j-" + Nd4j.getBackend().getClass().getSimpleName();
  }

  @Override
  public void close() {
    host.close();
  }

  @Override
  public NativeMatrix.Memory allocate(int rows, int columns, Precision precision) {
    if ((long) rows * columns < large) {
      return host.allocate(rows, columns, precision);
    }
    return new ArrayMemory(
        Nd4j.createUninitializedDetached(Nd4jRuntime.dataType(precision), 'f', rows, columns));
  }

  @Override
  public void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
    if (areArrays(a, b, c)) {
      Nd4j.gemm(array(a), array(b), array(c), transposeA, transposeB, 1.0, 0.0);
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
    if (areArrays(a, b, c)) {
      Nd4j.gemm(array(a), array(b), array(c), transposeA, transposeB, weight, 1.0);
    } else {
      host.addProduct(weight, a, transposeA, b, transposeB, c);
    }
  }

  /** ND4J has no product that makes use of the symmetry; its arrays are memory of the host. */
  @Override
  public void symmetricProduct(
      double alpha, NativeMatrix a, boolean transposeA, double beta, NativeMatrix c) {
    host.symmetricProduct(alpha, a, transposeA, beta, c);
  }

  private static boolean areArrays(NativeMatrix a, NativeMatrix b, NativeMatrix c) {
    return a.memory() instanceof ArrayMemory
        && b.memory() instanceof ArrayMemory
        && c.memory() instanceof ArrayMemory;
  }

  private static INDArray array(NativeMatrix matrix) {
    return ((ArrayMemory) matrix.memory()).array();
  }
}
