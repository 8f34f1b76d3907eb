package io.github.colonnade.bounds;

import java.util.Arrays;

/**
 * The leading squared singular values of a matrix, and the energy that is not among them.
 *
 * <p>A spectrum of X keeps σ<sub>1</sub>² ≥ … ≥ σ<sub>k</sub>² and the <em>dropped energy</em> d ≥
 * 0, with ‖X‖² = Σ<sub>i≤k</sub> σ<sub>i</sub>² + d. It describes a matrix whose k leading singular
 * values were computed, or a sketch from which directions were truncated; what the values mean for
 * the matrix is said by the bound they are given to.
 *
 * <p><b>Rounding.</b> A tail is d plus the kept values after r, added from the smallest, never a
 * difference of large energies: it has a relative error of at most (k + 1)·2<sup>−53</sup> in
 * proportion to itself, however small it is. Captured energies are sums from the largest and are
 * cut at the energy. Values may be negative by rounding, by at most 1e-4 of the energy, and count
 * as 0.
 *
 * <p>Immutable. Captured and tail energies take constant time.
 */
public final class Spectrum {

  // Invariants:
  // 1. captured[r] = sum of the r largest values, from the largest, at most energy.
  // 2. tail[r] = dropped + all other values, from the smallest, at most energy.
  // 3. captured.length = tail.length = values.length + 1; values descend and are not negative.
  private final double[] values;
  private final double[] captured;
  private final double[] tail;
  private final double dropped;
  private final double energy;

  /** Takes ownership of {@code values}, which must be clean and in descending order. */
  private Spectrum(double[] values, double dropped, double energy) {
    int k = values.length;
    this.values = values;
    this.dropped = dropped;
    this.energy = energy;
    captured = new double[k + 1];
    tail = new double[k + 1];
    double sum = 0;
    for (int r = 0; r < k; r++) {
      sum += values[r];
      captured[r + 1] = Math.min(sum, energy);
    }
    sum = dropped;
    tail[k] = Math.min(sum, energy);
    for (int r = k - 1; r >= 0; r--) {
      sum += values[r];
      tail[r] = Math.min(sum, energy);
    }
  }

  /**
   * The spectrum of a matrix of known energy. The dropped energy is the difference of the energy
   * and the values, at least 0, so it carries the rounding of both; where the dropped energy itself
   * is known, {@link #ofKept} is more accurate.
   *
   * @param squaredSingularValues σ<sub>i</sub>², all or only the leading ones, in any order; not
   *     modified, copied
   * @param energy ‖X‖² ≥ 0
   * @throws IllegalArgumentException if a value is not finite or is negative beyond rounding, or if
   *     the values exceed the energy by more than 1e-4 of it
   */
  public static Spectrum of(double[] squaredSingularValues, double energy) {
    Energies.require("energy", energy);
    double[] values = descending(squaredSingularValues, energy);
    double kept =
        Energies.requirePart("the sum of the squared singular values", sum(values, 0), energy);
    return new Spectrum(values, energy - kept, energy);
  }

  /**
   * The spectrum of which {@code droppedEnergy} was truncated. The energy is the sum of the values
   * and the dropped energy.
   *
   * @param squaredSingularValues σ<sub>i</sub>² that were kept, in any order; not modified, copied
   * @param droppedEnergy d ≥ 0; 0 when the values are all there are
   * @throws IllegalArgumentException if a value is not finite or is negative beyond rounding, or if
   *     the energy overflows
   */
  public static Spectrum ofKept(double[] squaredSingularValues, double droppedEnergy) {
    Energies.require("dropped energy", droppedEnergy);
    double scale = droppedEnergy;
    for (double value : squaredSingularValues) {
      scale += Math.max(0, value);
    }
    double[] values = descending(squaredSingularValues, scale);
    double energy = Energies.require("energy", sum(values, droppedEnergy));
    return new Spectrum(values, droppedEnergy, energy);
  }

  private static double[] descending(double[] squaredSingularValues, double energy) {
    double[] ascending = squaredSingularValues.clone();
    Arrays.sort(ascending);
    int k = ascending.length;
    double[] values = new double[k];
    for (int i = 0; i < k; i++) {
      values[i] =
          Energies.requireNonNegative("squared singular value", ascending[k - 1 - i], energy);
    }
    return values;
  }

  private static double sum(double[] descending, double start) {
    double sum = start;
    for (int i = descending.length - 1; i >= 0; i--) {
      sum += descending[i];
    }
    return sum;
  }

  /** The number k of values kept. */
  public int size() {
    return values.length;
  }

  /**
   * One squared singular value.
   *
   * @param i counted from 0, the largest
   */
  public double squaredSingularValue(int i) {
    return values[i];
  }

  /** ‖X‖². */
  public double energy() {
    return energy;
  }

  /** d, the energy that is not in the values. */
  public double droppedEnergy() {
    return dropped;
  }

  /** Σ<sub>i≤r</sub> σ<sub>i</sub>² over the kept values; all of them when {@code r ≥ size()}. */
  public double capturedEnergy(int r) {
    return captured[clip(r)];
  }

  /**
   * d + Σ<sub>i&gt;r</sub> σ<sub>i</sub>² over the kept values; d alone when {@code r ≥ size()}.
   */
  public double tailEnergy(int r) {
    return tail[clip(r)];
  }

  /** √({@link #tailEnergy tailEnergy(r)} / {@link #energy}), or 0 when there is no energy. */
  public double error(int r) {
    return Energies.error(tailEnergy(r), energy);
  }

  /**
   * The spectrum with every energy multiplied by {@code factor}, that is, of √factor·X.
   *
   * @param factor finite and at least 0
   * @throws IllegalArgumentException if the factor is neither, or the energy overflows
   */
  public Spectrum scaledBy(double factor) {
    Energies.require("factor", factor);
    double scaledEnergy = Energies.require("scaled energy", energy * factor);
    double[] scaled = new double[values.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = values[i] * factor;
    }
    return new Spectrum(scaled, dropped * factor, scaledEnergy);
  }

  private int clip(int r) {
    Energies.requireRank(r);
    return Math.min(r, values.length);
  }

  @Override
  public String toString() {
    return "Spectrum[" + values.length + " values, energy " + energy + ", dropped " + dropped + "]";
  }
}
