package io.github.colonnade.svd.linalg;

/** With all matrices in arrays of ND4J, where those are of the host. */
class ArrayLinearAlgebraReferenceTest extends LinearAlgebraContract {

  private static final LinearAlgebra ALGEBRA =
      new Nd4jLinearAlgebra(Cuda.isOnClassPath() ? new HostBackend() : new ArrayBackend(0));

  @Override
  LinearAlgebra algebra() {
    return ALGEBRA;
  }
}
