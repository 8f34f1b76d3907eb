package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Treatment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/**
 * What can be compared with the bound of each cluster. In scope block a bound speaks of the members
 * each scaled to unit energy, whose joint error is √(Σ eⱼ²/K) of the K members that are not zero;
 * in the other scopes of the members as they are. Where columns were kept as they are, the bound of
 * a cluster is about something else.
 *
 * @param measured by cluster, in the order of the manifest
 * @param proofs by the name of the bound
 */
record BoundComparison(List<OptionalDouble> measured, List<Proof> proofs) {

  /**
   * The upper bounds of one kind as multiples of what was measured, where that is not 0.
   *
   * @param clusters how many
   */
  record Proof(String name, int clusters, double smallest, double median, double largest) {

    static Proof of(String name, double[] ratios) {
      double[] sorted = ratios.clone();
      Arrays.sort(sorted);
      return new Proof(
          name,
          sorted.length,
          sorted[0],
          (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2,
          sorted[sorted.length - 1]);
    }
  }

  static BoundComparison of(Manifest manifest) {
    Map<String, double[]> sums = new HashMap<>();
    Set<String> lost = new HashSet<>();
    for (BlockEntry block : manifest.blocks()) {
      if (block.cluster().isEmpty()) {
        continue;
      }
      String cluster = block.cluster().get();
      if (block.treatment() == Treatment.LOST) {
        lost.add(cluster);
      }
      double error = BlockErrors.limited(block);
      if (error > 0 || block.coefficients().isPresent()) {
        double[] sum = sums.computeIfAbsent(cluster, unused -> new double[2]);
        sum[0] += error * error;
        sum[1]++;
      }
    }
    boolean unit = manifest.settings().scope() == Scope.BLOCK;
    List<OptionalDouble> measured = new ArrayList<>();
    Map<String, List<Double>> ratios = new TreeMap<>();
    for (ClusterEntry cluster : manifest.clusters()) {
      double[] sum = sums.getOrDefault(cluster.id(), new double[2]);
      if (lost.contains(cluster.id()) || sum[1] == 0) {
        measured.add(OptionalDouble.empty());
        continue;
      }
      double error =
          unit ? Math.sqrt(sum[0] / sum[1]) : cluster.weightedError().orElse(cluster.error());
      measured.add(OptionalDouble.of(error));
      double ratio = cluster.bound().upper() / error;
      if (error > 0 && Double.isFinite(ratio)) {
        ratios.computeIfAbsent(cluster.bound().provedBy(), unused -> new ArrayList<>()).add(ratio);
      }
    }
    List<Proof> proofs = new ArrayList<>();
    ratios.forEach(
        (name, all) ->
            proofs.add(Proof.of(name, all.stream().mapToDouble(Double::doubleValue).toArray())));
    return new BoundComparison(measured, proofs);
  }
}
