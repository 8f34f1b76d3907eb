package io.github.colonnade.svd.linalg;

class Nd4jLinearAlgebraReferenceTest extends LinearAlgebraContract {

  private static final LinearAlgebra ALGEBRA = new Nd4jLinearAlgebra();

  @Override
  LinearAlgebra algebra() {
    return ALGEBRA;
  }
}
