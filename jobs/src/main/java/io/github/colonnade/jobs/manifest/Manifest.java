package io.github.colonnade.jobs.manifest;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The description of a compressed collection, kept beside its factor files as {@code
 * manifest.json}: what was asked, what came of it, and where every block is. Every input tensor is
 * in it once, in {@link #blocks} (in one entry, or in parts) or in {@link #rejected}.
 *
 * <p>The constructor checks that the lists fit each other and the totals. A manifest may have a
 * million blocks; {@link ManifestReader} can hand the entries to a {@link ManifestVisitor} one by
 * one where the whole is not needed.
 */
public record Manifest(
    int schemaVersion,
    Settings settings,
    Totals totals,
    Timings timings,
    List<ClusterEntry> clusters,
    List<BlockEntry> blocks,
    List<RejectedEntry> rejected) {

  /** The only version so far. */
  public static final int SCHEMA_VERSION = 1;

  /** The name of the file in the output directory, which may be a {@link Root} instead. */
  public static final String FILE_NAME = "manifest.json";

  public Manifest {
    if (schemaVersion != SCHEMA_VERSION) {
      throw new IllegalArgumentException(
          "schemaVersion: expected " + SCHEMA_VERSION + ", got " + schemaVersion);
    }
    clusters = List.copyOf(clusters);
    blocks = List.copyOf(blocks);
    rejected = List.copyOf(rejected);
    if (totals.clusters() != clusters.size()) {
      throw new IllegalArgumentException(
          "totals.clusters: expected " + clusters.size() + ", got " + totals.clusters());
    }
    if (totals.blocks() != blocks.size()) {
      throw new IllegalArgumentException(
          "totals.blocks: expected " + blocks.size() + ", got " + totals.blocks());
    }
    checkMembers(clusters, blocks);
  }

  /** A manifest of the current version. */
  public Manifest(
      Settings settings,
      Totals totals,
      Timings timings,
      List<ClusterEntry> clusters,
      List<BlockEntry> blocks,
      List<RejectedEntry> rejected) {
    this(SCHEMA_VERSION, settings, totals, timings, clusters, blocks, rejected);
  }

  /** Whether two runs have written the same; how long they took does not matter. */
  public boolean isSameAs(Manifest other) {
    return equals(
        new Manifest(
            other.schemaVersion,
            other.settings,
            other.totals,
            timings,
            other.clusters,
            other.blocks,
            other.rejected));
  }

  private static void checkMembers(List<ClusterEntry> clusters, List<BlockEntry> blocks) {
    Map<String, ClusterEntry> byId = new HashMap<>();
    for (int i = 0; i < clusters.size(); i++) {
      if (byId.put(clusters.get(i).id(), clusters.get(i)) != null) {
        throw new IllegalArgumentException(
            "clusters[" + i + "].id: " + clusters.get(i).id() + " is there twice");
      }
    }
    Map<String, long[]> membersAndColumns = new HashMap<>();
    for (int i = 0; i < blocks.size(); i++) {
      BlockEntry block = blocks.get(i);
      if (block.cluster().isEmpty()) {
        continue;
      }
      String at = "blocks[" + i + "].";
      String id = block.cluster().get();
      ClusterEntry cluster = byId.get(id);
      if (cluster == null) {
        throw new IllegalArgumentException(at + "cluster: there is no cluster " + id);
      }
      View view = block.view().orElseThrow();
      if (view.rows() != cluster.rows()) {
        throw new IllegalArgumentException(
            at + "view.rows: expected " + cluster.rows() + " of its cluster, got " + view.rows());
      }
      // A block that uses no direction has no coefficients.
      boolean mayLack = cluster.mask().isPresent();
      if (block.coefficients().isPresent() != (cluster.rank() > 0)
          && !(mayLack && block.coefficients().isEmpty())) {
        throw new IllegalArgumentException(
            at
                + "coefficients: expected "
                + (cluster.rank() > 0 ? "a location" : "none")
                + " in a cluster of rank "
                + cluster.rank());
      }
      if ((block.treatment() == Treatment.SHARED) != (cluster.blocks() > 1)) {
        throw new IllegalArgumentException(
            at + "treatment: " + block.treatment() + " in a cluster of " + cluster.blocks());
      }
      long[] sums = membersAndColumns.computeIfAbsent(id, unused -> new long[2]);
      sums[0]++;
      sums[1] += view.columns();
    }
    for (int i = 0; i < clusters.size(); i++) {
      ClusterEntry cluster = clusters.get(i);
      long[] sums = membersAndColumns.getOrDefault(cluster.id(), new long[2]);
      if (sums[0] != cluster.blocks() || sums[1] != cluster.columns()) {
        throw new IllegalArgumentException(
            String.format(
                "clusters[%d]: expected the %d blocks and %d columns of its members, got %d and %d",
                i, sums[0], sums[1], cluster.blocks(), cluster.columns()));
      }
    }
  }
}
