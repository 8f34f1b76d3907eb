package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Steps that the estimators share. */
final class Estimators {

  /** Relative energy below which an eigenvalue of a double Gram matrix is rounding noise. */
  private static final double NOISE = 1e-15;

  private Estimators() {}

  /** ‖[A₁ … A_K]‖². */
  static double energy(List<BlockSketch> blocks) {
    double energy = 0;
    for (BlockSketch each : blocks) {
      energy += each.energy();
    }
    return energy;
  }

  /**
   * Σ_{i≤r} σ_i² of a seed: that of the only block, or, since several blocks have no more than r
   * columns together, all that they kept.
   */
  static double leadingEnergy(List<BlockSketch> seed, int rank) {
    double leading = 0;
    for (BlockSketch each : seed) {
      leading += each.spectrum().capturedEnergy(rank);
    }
    return leading;
  }

  /** What the sketches of some blocks leave out. */
  static double droppedEnergy(List<BlockSketch> blocks) {
    double dropped = 0;
    for (BlockSketch each : blocks) {
      dropped += each.spectrum().droppedEnergy();
    }
    return dropped;
  }

  /** The sketch of all given blocks side by side, made in one step. */
  static Sketch sketchOf(Sketcher sketcher, LinearAlgebra la, List<BlockSketch> blocks) {
    long columns = blocks.stream().mapToLong(BlockSketch::columns).sum();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix all = scope.own(la.concatenate(factors(blocks)));
      Sketch none = sketcher.empty(all.rows());
      scope.own(none.basis());
      return sketcher.append(none, all, droppedEnergy(blocks), columns);
    }
  }

  /** The spectrum of all given blocks side by side, up to the noise of a Gram matrix in double. */
  static Spectrum spectrumOf(LinearAlgebra la, List<BlockSketch> blocks) {
    if (blocks.size() == 1) {
      return blocks.get(0).spectrum();
    }
    try (Matrix all = la.concatenate(factors(blocks))) {
      return spectrum(la, all, droppedEnergy(blocks));
    }
  }

  /**
   * The spectrum of M = [F, …] of which more was dropped before.
   *
   * @param all F: m×n, no wider than it is tall
   */
  static Spectrum spectrum(LinearAlgebra la, Matrix all, double dropped) {
    double[] values;
    try (Matrix gram = la.gram(all)) {
      values = la.symmetricEigenvalues(gram);
    }
    double sum = 0;
    for (double value : values) {
      sum += Math.max(0, value);
    }
    int kept = 0;
    while (kept < values.length && values[kept] > NOISE * sum) {
      kept++;
    }
    double outside = dropped;
    for (int i = kept; i < values.length; i++) {
      outside += Math.max(0, values[i]);
    }
    return Spectrum.ofKept(Arrays.copyOf(values, kept), outside);
  }

  static List<Matrix> factors(List<BlockSketch> blocks) {
    List<Matrix> factors = new ArrayList<>(blocks.size());
    for (BlockSketch each : blocks) {
      factors.add(each.factor());
    }
    return factors;
  }

  /** An orthonormal basis of what a sketcher keeps of some blocks side by side. */
  static Matrix basisOf(Sketcher sketcher, LinearAlgebra la, List<BlockSketch> blocks) {
    try (Sketch sketch = sketchOf(sketcher, la, blocks)) {
      return la.cast(sketch.basis(), sketch.basis().precision());
    }
  }

  /**
   * (I − QQᵀ)A, orthogonalised twice.
   *
   * @param parts of Q, side by side
   */
  static Matrix residual(LinearAlgebra la, List<Matrix> parts, Matrix a) {
    Matrix r = la.cast(a, a.precision());
    for (int pass = 0; pass < 2; pass++) {
      for (Matrix q : parts) {
        try (Matrix y = la.transposedProduct(q, r)) {
          la.subtractProductInPlace(r, q, y);
        }
      }
    }
    return r;
  }
}
