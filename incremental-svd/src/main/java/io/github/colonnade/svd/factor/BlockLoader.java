package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.Matrix;

/** Gives the numbers of a block, as often as asked. */
public interface BlockLoader {

  /**
   * The block divided by 2ᵉ, e its {@link Member#exponent}: m×n FLOAT64 with entries of at most 1
   * in size. The caller closes it.
   */
  Matrix load(int position);
}
