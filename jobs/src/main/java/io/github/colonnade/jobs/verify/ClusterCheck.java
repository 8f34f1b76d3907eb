package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Scope;

/**
 * Checks of each cluster that need no numbers: rank ≤ rank limit, error ≤ its own limit where it
 * has one, and lower bound ≤ error, since no factors of this rank do better. In scope block the
 * bound is about blocks of unit energy, and says nothing about the joint error.
 */
final class ClusterCheck {
  private ClusterCheck() {}

  static void check(Manifest manifest, Findings findings) {
    for (ClusterEntry cluster : manifest.clusters()) {
      String id = "cluster " + cluster.id() + ": ";
      manifest
          .settings()
          .rankLimit()
          .ifPresent(
              most -> {
                if (cluster.rank() > most) {
                  findings.add(id + "rank " + cluster.rank() + " breaks the limit " + most);
                }
              });
      manifest
          .settings()
          .rank()
          .ifPresent(
              rank -> {
                if (cluster.rank() > rank) {
                  findings.add(id + "rank " + cluster.rank() + ", " + rank + " was asked for");
                }
              });
      double lower = cluster.bound().lower();
      double error = cluster.weightedError().orElse(cluster.error());
      if (manifest.settings().scope() != Scope.BLOCK && !Tolerance.atMost(lower, error)) {
        findings.add(id + "error " + error + " is below its lower bound " + lower);
      }
      cluster
          .limit()
          .ifPresent(
              limit -> {
                if (!(error <= limit)) {
                  findings.add(id + "error " + error + " breaks its own limit " + limit);
                }
              });
    }
  }
}
