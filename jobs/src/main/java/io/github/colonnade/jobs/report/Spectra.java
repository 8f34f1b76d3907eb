package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The spectra of the largest clusters, of as many as can be had in a few seconds. */
final class Spectra {
  private static final int MOST_CLUSTERS = 12;

  /** Eigenproblems take the cube of it. */
  private static final int MOST_RANK = 1024;

  /** The most coefficients that are read, as if all were stored. */
  private static final double MOST_COEFFICIENTS = 1L << 26;

  private Spectra() {}

  /** Those that could be read within the bounds, the clusters of most numbers first. */
  static List<ClusterSpectrum> read(Manifest manifest, StoredTensors stored) throws IOException {
    List<ClusterEntry> chosen = chosen(manifest.clusters());
    Map<String, List<BlockEntry>> members = new HashMap<>();
    chosen.forEach(cluster -> members.put(cluster.id(), new ArrayList<>()));
    for (BlockEntry block : manifest.blocks()) {
      block.cluster().map(members::get).ifPresent(each -> each.add(block));
    }
    List<ClusterSpectrum> spectra = new ArrayList<>();
    if (chosen.isEmpty()) {
      return spectra;
    }
    try (LinearAlgebra la = new Nd4jLinearAlgebra()) {
      for (ClusterEntry cluster : chosen) {
        List<BlockEntry> blocks = members.getOrDefault(cluster.id(), List.of());
        ClusterSpectrum.read(la, stored, manifest.settings(), cluster, blocks)
            .ifPresent(spectra::add);
      }
    }
    return spectra;
  }

  private static List<ClusterEntry> chosen(List<ClusterEntry> clusters) {
    List<ClusterEntry> largest = new ArrayList<>(clusters);
    largest.sort(
        Comparator.comparingDouble((ClusterEntry each) -> (double) each.rows() * each.columns())
            .reversed());
    List<ClusterEntry> chosen = new ArrayList<>();
    double left = MOST_COEFFICIENTS;
    for (ClusterEntry cluster : largest) {
      double coefficients = (double) cluster.rank() * cluster.columns();
      if (cluster.rank() > 0
          && cluster.rank() <= MOST_RANK
          && (double) cluster.rows() * cluster.rank() <= MOST_COEFFICIENTS
          && coefficients <= left
          && chosen.size() < MOST_CLUSTERS) {
        chosen.add(cluster);
        left -= coefficients;
      }
    }
    return chosen;
  }
}
