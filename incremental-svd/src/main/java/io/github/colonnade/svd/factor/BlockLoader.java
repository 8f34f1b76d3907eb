package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.List;

/** Gives the numbers of blocks, as often as asked. */
@FunctionalInterface
public interface BlockLoader {

  /**
   * The block divided by 2ᵉ, e its {@link Member#exponent}: m×n FLOAT64 with entries of at most 1
   * in size. The caller closes it.
   */
  Matrix load(int position);

  /**
   * Several blocks as {@link #load(int)} gives them, side by side. The caller closes the result.
   */
  default Matrix load(LinearAlgebra la, int[] positions) {
    if (positions.length == 1) {
      return load(positions[0]);
    }
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> blocks = new ArrayList<>();
      for (int position : positions) {
        blocks.add(scope.own(load(position)));
      }
      return la.concatenate(blocks);
    }
  }

  /**
   * The weight of a block whose member has a {@link Member#weightExponent}, with that exponent, for
   * the block as {@link #load(int)} gives it. The caller closes it.
   */
  default ColumnWeight weight(int position) {
    throw new IllegalStateException("block " + position + " has no weight");
  }

  /** How many bytes a number of a block has where the block comes from. */
  default int sourceBytes(int position) {
    return Double.BYTES;
  }
}
