package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
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

  /** The sketch of all given blocks side by side, made in one step. */
  static Sketch sketchOf(Sketcher sketcher, LinearAlgebra la, List<BlockSketch> blocks) {
    double dropped = 0;
    long columns = 0;
    for (BlockSketch each : blocks) {
      dropped += each.spectrum().droppedEnergy();
      columns += each.columns();
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix all = scope.own(la.concatenate(factors(blocks)));
      Sketch none = sketcher.empty(all.rows());
      scope.own(none.basis());
      return sketcher.append(none, all, dropped, columns);
    }
  }

  /** The spectrum of all given blocks side by side, up to the noise of a Gram matrix in double. */
  static Spectrum spectrumOf(LinearAlgebra la, List<BlockSketch> blocks) {
    if (blocks.size() == 1) {
      return blocks.get(0).spectrum();
    }
    try (Matrix all = la.concatenate(factors(blocks))) {
      double dropped = 0;
      for (BlockSketch each : blocks) {
        dropped += each.spectrum().droppedEnergy();
      }
      return spectrum(la, all, dropped);
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
    List<Double> kept = new ArrayList<>();
    double outside = dropped;
    for (double value : values) {
      if (value > NOISE * sum) {
        kept.add(value);
      } else {
        outside += Math.max(0, value);
      }
    }
    return Spectrum.ofKept(kept.stream().mapToDouble(x -> x).toArray(), outside);
  }

  static List<Matrix> factors(List<BlockSketch> blocks) {
    List<Matrix> factors = new ArrayList<>(blocks.size());
    for (BlockSketch each : blocks) {
      factors.add(each.factor());
    }
    return factors;
  }

  /** (I − QQᵀ)A, orthogonalised twice. */
  static Matrix residual(LinearAlgebra la, Matrix q, Matrix a) {
    Matrix r = la.cast(a, a.precision());
    for (int pass = 0; pass < 2; pass++) {
      try (Matrix y = la.transposedProduct(q, r)) {
        la.subtractProductInPlace(r, q, y);
      }
    }
    return r;
  }
}
