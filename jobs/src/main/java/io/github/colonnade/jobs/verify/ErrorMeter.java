package io.github.colonnade.jobs.verify;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.svd.factor.ColumnWeight;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Arrays;
import java.util.Optional;

/** Measures ‖A − scale·U·C‖ and ‖A‖ in double. */
final class ErrorMeter {

  private final LinearAlgebra la;

  ErrorMeter(LinearAlgebra la) {
    this.la = la;
  }

  /**
   * Energies of a block.
   *
   * @param weighted those with its weight; none if it has no weight, or one that leaves nothing of
   *     it
   */
  record Energies(ScaledEnergy lost, ScaledEnergy energy, Optional<WeightedSum> weighted) {
    double error() {
      return lost.relativeTo(energy);
    }
  }

  /**
   * Measures a block. A is divided by a power of two first, so that its largest number lies in [1,
   * 2): its energy neither overflows nor underflows, and no digit is lost. If A is zero, it is C
   * that is brought there, so that a reconstruction that is not zero shows, however small.
   *
   * @param a A: m×n, column after column; overwritten
   * @param maxAbs the largest magnitude in A, finite
   * @param basis U: m×r, not modified
   * @param c C: r×n, column after column; overwritten
   * @param scale a power of two
   * @param weight that of the block, if it has one; not closed
   */
  Energies measure(
      double[] a,
      double maxAbs,
      Matrix basis,
      double[] c,
      double scale,
      Optional<ColumnWeight> weight) {
    return measure(a, maxAbs, basis, c, scale, weight, new int[0]);
  }

  /**
   * As the other, where some columns are stored as they are and lose nothing.
   *
   * @param c C: r×(n − k), column after column; overwritten
   * @param channels which columns these are, k ascending numbers
   */
  Energies measure(
      double[] a,
      double maxAbs,
      Matrix basis,
      double[] c,
      double scale,
      Optional<ColumnWeight> weight,
      int[] channels) {
    int m = basis.rows();
    int r = basis.columns();
    int n = a.length / m;
    int exponent = maxAbs > 0 ? exponent(maxAbs) : exponent(maxAbs(c)) + Math.getExponent(scale);
    multiplyByPowerOfTwo(a, -exponent);
    multiplyByPowerOfTwo(c, Math.getExponent(scale) - exponent);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix whole = scope.own(la.fromColumns(a, m, n));
      double energy = la.energy(whole);
      Optional<ColumnWeight.Fit> fit = weight.flatMap(each -> each.fit(la, whole));
      fit.ifPresent(each -> scope.own(each.product().matrix()));
      Matrix residual = whole;
      if (channels.length > 0) {
        for (int channel : channels) {
          Arrays.fill(a, channel * m, (channel + 1) * m, 0);
        }
        residual = scope.own(la.fromColumns(a, m, n));
      }
      if (r > 0) {
        double[] all = spread(c, r, n, channels);
        la.subtractProductInPlace(residual, basis, scope.own(la.fromColumns(all, r, n)));
      }
      return new Energies(
          new ScaledEnergy(la.energy(residual), exponent),
          new ScaledEnergy(energy, exponent),
          weightedEnergies(fit, residual, exponent));
    }
  }

  private Optional<WeightedSum> weightedEnergies(
      Optional<ColumnWeight.Fit> fit, Matrix residual, int exponent) {
    return fit.map(each -> weighted(each, residual, exponent));
  }

  /** The columns of C with zeros at the channels. */
  private static double[] spread(double[] c, int r, int n, int[] channels) {
    if (channels.length == 0) {
      return c;
    }
    double[] all = new double[r * n];
    int next = 0;
    int channel = 0;
    for (int j = 0; j < n; j++) {
      if (channel < channels.length && channels[channel] == j) {
        channel++;
      } else {
        System.arraycopy(c, r * next++, all, r * j, r);
      }
    }
    return all;
  }

  private WeightedSum weighted(ColumnWeight.Fit fit, Matrix residual, int exponent) {
    double energy = la.energy(fit.product().matrix());
    ColumnWeight.Product left = fit.weight().times(la, residual);
    try (Matrix weighted = left.matrix()) {
      double lost = la.energy(weighted);
      int both = exponent + fit.weight().exponent();
      return new WeightedSum(
          new ScaledEnergy(lost, both),
          new ScaledEnergy(energy, both),
          new ScaledEnergy(left.doubt() + lost / energy * fit.product().doubt(), both));
    }
  }

  /** The e for which x/2ᵉ is in [1, 2), also if x is subnormal; 0 for 0 and what is not finite. */
  static int exponent(double x) {
    if (x == 0 || !Double.isFinite(x)) {
      return 0;
    }
    return x < Double.MIN_NORMAL ? Math.getExponent(x * 0x1p60) - 60 : Math.getExponent(x);
  }

  private static double maxAbs(double[] values) {
    double max = 0;
    for (double value : values) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }

  private static void multiplyByPowerOfTwo(double[] values, int exponent) {
    int left = exponent;
    while (left != 0) {
      // A power of two that is a normal number itself, so that the product is exact.
      int step = Math.max(Double.MIN_EXPONENT, Math.min(Double.MAX_EXPONENT, left));
      double factor = Math.scalb(1.0, step);
      for (int i = 0; i < values.length; i++) {
        values[i] *= factor;
      }
      left -= step;
    }
  }
}
