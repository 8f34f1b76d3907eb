package io.github.colonnade.svd.linalg;

class ReferenceLinearAlgebraReferenceTest extends LinearAlgebraContract {

  private static final LinearAlgebra ALGEBRA = new ReferenceLinearAlgebra();

  @Override
  LinearAlgebra algebra() {
    return ALGEBRA;
  }
}
