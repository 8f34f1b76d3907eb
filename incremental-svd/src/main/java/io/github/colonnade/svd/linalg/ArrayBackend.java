package io.github.colonnade.svd.linalg;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Matrices in the arrays of ND4J's CPU backend, which multiplies them. */
final class ArrayBackend implements Backend {

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
    Nd4jRuntime.ensureStarted();
    OpenBlas.ensureLoaded();
  }

  @Override
  public String name() {
    return "nd4j-" + Nd4j.getBackend().getClass().getSimpleName();
  }

  @Override
  public NativeMatrix.Memory allocate(int rows, int columns, Precision precision) {
    return new ArrayMemory(
        Nd4j.createUninitializedDetached(Nd4jRuntime.dataType(precision), 'f', rows, columns));
  }

  @Override
  public void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
    Nd4j.gemm(array(a), array(b), array(c), transposeA, transposeB, 1.0, 0.0);
  }

  @Override
  public void addProduct(
      double weight,
      NativeMatrix a,
      boolean transposeA,
      NativeMatrix b,
      boolean transposeB,
      NativeMatrix c) {
    Nd4j.gemm(array(a), array(b), array(c), transposeA, transposeB, weight, 1.0);
  }

  private static INDArray array(NativeMatrix matrix) {
    return ((ArrayMemory) matrix.memory()).array();
  }
}
