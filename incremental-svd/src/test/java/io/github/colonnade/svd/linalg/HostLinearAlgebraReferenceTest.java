package io.github.colonnade.svd.linalg;

/** What runs where ND4J's CUDA backend is on the class path and no device was asked for. */
class HostLinearAlgebraReferenceTest extends LinearAlgebraContract {

  private static final LinearAlgebra ALGEBRA = new Nd4jLinearAlgebra(new HostBackend());

  @Override
  LinearAlgebra algebra() {
    return ALGEBRA;
  }
}
