package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.manifest.Scope;

/**
 * What was measured of some members of a cluster.
 *
 * @param id which cluster
 * @param error the joint error that the manifest states
 * @param members the blocks in the cluster
 * @param measured the blocks in these sums
 * @param lost Σ‖A − Â‖²
 * @param energy Σ‖A‖²
 */
record ClusterSum(
    String id, double error, long members, long measured, ScaledSum lost, ScaledSum energy) {

  ClusterSum plus(ScaledSum lost, ScaledSum energy) {
    return new ClusterSum(
        id, error, members, measured + 1, this.lost.plus(lost), this.energy.plus(energy));
  }

  ClusterSum plus(ClusterSum other) {
    return new ClusterSum(
        id,
        error,
        members,
        measured + other.measured,
        lost.plus(other.lost),
        energy.plus(other.energy));
  }

  boolean isComplete() {
    return measured == members;
  }

  /** Compares the joint error, which needs all members, with the manifest; returns it. */
  double settle(Limit limit, Findings findings) {
    double joint = lost.relativeTo(energy);
    if (!Tolerance.agree(joint, error)) {
      findings.add(
          "cluster " + id + ": joint error " + joint + " measured, the manifest says " + error);
    }
    if (limit.scope() == Scope.CLUSTER && !(joint <= limit.maxError())) {
      findings.add(
          "cluster " + id + ": joint error " + joint + " breaks the limit " + limit.maxError());
    }
    return joint;
  }
}
