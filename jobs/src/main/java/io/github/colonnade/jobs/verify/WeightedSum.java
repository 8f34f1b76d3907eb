package io.github.colonnade.jobs.verify;

import io.github.colonnade.bounds.ScaledEnergy;

/**
 * Energies of blocks multiplied by their weights.
 *
 * @param lost Σ‖(A − Â)·F‖²
 * @param energy Σ‖A·F‖²
 * @param doubt how much rounding may have moved {@code lost}, for its share of {@code energy}
 */
record WeightedSum(ScaledEnergy lost, ScaledEnergy energy, ScaledEnergy doubt) {
  static final WeightedSum ZERO =
      new WeightedSum(ScaledEnergy.ZERO, ScaledEnergy.ZERO, ScaledEnergy.ZERO);

  /** A block without a weight. */
  static WeightedSum plain(ScaledEnergy lost, ScaledEnergy energy) {
    return new WeightedSum(lost, energy, ScaledEnergy.ZERO);
  }

  WeightedSum plus(WeightedSum other) {
    return new WeightedSum(
        lost.plus(other.lost), energy.plus(other.energy), doubt.plus(other.doubt));
  }

  double error() {
    return lost.relativeTo(energy);
  }

  /** Whether an error that is stated is this one, up to rounding. */
  boolean agrees(double stated) {
    double measured = error();
    double uncertain = doubt.relativeTo(energy);
    // The doubt is one of squares: |e² − s²| = |e − s|·(e + s).
    return Tolerance.agree(measured, stated)
        || Math.abs(measured - stated) * (measured + stated) <= 4 * uncertain * uncertain;
  }
}
