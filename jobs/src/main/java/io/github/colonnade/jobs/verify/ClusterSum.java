package io.github.colonnade.jobs.verify;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.jobs.manifest.Scope;
import java.util.OptionalDouble;

/**
 * What was measured of some members of a cluster.
 *
 * @param id which cluster
 * @param error the joint error that the manifest states
 * @param weightedError the joint weighted error that the manifest states, if it does
 * @param members the blocks in the cluster
 * @param measured the blocks in these sums
 * @param lost Σ‖A − Â‖²
 * @param energy Σ‖A‖²
 * @param weighted the same with the weights of those that have one
 */
record ClusterSum(
    String id,
    double error,
    OptionalDouble weightedError,
    long members,
    long measured,
    ScaledEnergy lost,
    ScaledEnergy energy,
    WeightedSum weighted) {

  ClusterSum plus(ErrorMeter.Energies block) {
    return new ClusterSum(
        id,
        error,
        weightedError,
        members,
        measured + 1,
        lost.plus(block.lost()),
        energy.plus(block.energy()),
        weighted.plus(block.weighted().orElse(WeightedSum.plain(block.lost(), block.energy()))));
  }

  ClusterSum plus(ClusterSum other) {
    return new ClusterSum(
        id,
        error,
        weightedError,
        members,
        measured + other.measured,
        lost.plus(other.lost),
        energy.plus(other.energy),
        weighted.plus(other.weighted));
  }

  boolean isComplete() {
    return measured == members;
  }

  /**
   * Compares the joint errors, which need all members, with the manifest.
   *
   * @return the one that the limit is on
   */
  double settle(Limit limit, Findings findings) {
    double joint = lost.relativeTo(energy);
    if (!Tolerance.agree(joint, error)) {
      findings.add(
          "cluster " + id + ": joint error " + joint + " measured, the manifest says " + error);
    }
    double deciding = joint;
    if (weightedError.isPresent()) {
      if (!limit.weighed()) {
        return 0;
      }
      double stated = weightedError.getAsDouble();
      deciding = weighted.error();
      if (!weighted.agrees(stated)) {
        findings.add(
            "cluster "
                + id
                + ": joint weighted error "
                + deciding
                + " measured, the manifest says "
                + stated);
      }
    }
    if (limit.scope() == Scope.CLUSTER && !(deciding <= limit.maxError())) {
      findings.add(
          "cluster " + id + ": joint error " + deciding + " breaks the limit " + limit.maxError());
    }
    return deciding;
  }
}
