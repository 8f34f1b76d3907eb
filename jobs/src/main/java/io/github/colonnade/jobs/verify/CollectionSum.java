package io.github.colonnade.jobs.verify;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Totals;
import java.util.OptionalDouble;

/**
 * What was measured of all blocks that were to be compressed.
 *
 * @param lost Σ‖A − Â‖²
 * @param energy Σ‖A‖²
 * @param weighted the same with the weights of those that have one
 */
record CollectionSum(ScaledEnergy lost, ScaledEnergy energy, WeightedSum weighted) {

  static final CollectionSum ZERO =
      new CollectionSum(ScaledEnergy.ZERO, ScaledEnergy.ZERO, WeightedSum.ZERO);

  /** With a block and what it loses. */
  CollectionSum plus(ErrorMeter.Energies block) {
    return plus(
        new CollectionSum(
            block.lost(),
            block.energy(),
            block.weighted().orElse(WeightedSum.plain(block.lost(), block.energy()))));
  }

  CollectionSum plus(CollectionSum other) {
    return new CollectionSum(
        lost.plus(other.lost), energy.plus(other.energy), weighted.plus(other.weighted));
  }

  /** The error that the limit is on. */
  double error(Limit limit) {
    return limit.weighed() ? weighted.error() : lost.relativeTo(energy);
  }

  /** Compares the errors of the whole collection with the totals, and with the limit. */
  void settle(Totals totals, Limit limit, Findings findings) {
    if (limit.scope() != Scope.COLLECTION) {
      return;
    }
    OptionalDouble stated = totals.collectionError();
    double error = lost.relativeTo(energy);
    if (stated.isEmpty() || !Tolerance.agree(error, stated.getAsDouble())) {
      findings.add(
          "totals.collectionError: " + error + " measured, the manifest says " + shown(stated));
    }
    OptionalDouble weightedStated = totals.weightedCollectionError();
    if (weightedStated.isPresent() && !limit.weighed()) {
      return;
    }
    if (weightedStated.isPresent() != limit.weighed()
        || (limit.weighed() && !weighted.agrees(weightedStated.getAsDouble()))) {
      findings.add(
          "totals.weightedCollectionError: "
              + weighted.error()
              + " measured, the manifest says "
              + shown(weightedStated));
    }
    double deciding = error(limit);
    if (!(deciding <= limit.maxError())) {
      findings.add("the joint error " + deciding + " breaks the limit " + limit.maxError());
    }
  }

  private static String shown(OptionalDouble value) {
    return value.isPresent() ? Double.toString(value.getAsDouble()) : "none";
  }
}
