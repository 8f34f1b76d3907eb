package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.sketch.Sketch;

/**
 * A block A: m×n as strategies see it: F = Q·diag(σ) with F·Fᵀ ⪯ A·Aᵀ and trace(A·Aᵀ − F·Fᵀ) = the
 * spectrum's dropped energy.
 *
 * @param factor F: m×k, owned by the family
 * @param spectrum σ² and the dropped energy of A
 * @param columns n
 */
public record BlockSketch(Matrix factor, Spectrum spectrum, long columns) {

  /** The block behind a sketch of it; the sketch stays open. */
  public static BlockSketch of(LinearAlgebra la, Sketch sketch) {
    double[] sigmas = new double[sketch.rank()];
    for (int i = 0; i < sigmas.length; i++) {
      sigmas[i] = Math.sqrt(sketch.spectrum().squaredSingularValue(i));
    }
    return new BlockSketch(
        la.scaleColumns(sketch.basis(), sigmas), sketch.spectrum(), sketch.columns());
  }

  /**
   * A block whose factor is the block itself.
   *
   * @param a A: m×n, owned by the family from now on
   */
  public static BlockSketch lossless(LinearAlgebra la, Matrix a) {
    LinearAlgebra.LeftSvd svd = la.leftSvd(a);
    svd.vectors().close();
    double[] squares = svd.values();
    for (int i = 0; i < squares.length; i++) {
      squares[i] *= squares[i];
    }
    return new BlockSketch(a, Spectrum.ofKept(squares, 0), a.columns());
  }

  /** ‖A‖_F². */
  public double energy() {
    return spectrum.energy();
  }
}
