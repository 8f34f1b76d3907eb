package io.github.colonnade.jobs.manifest;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes one manifest of several: passes the entries on as they come, and the rest when all have
 * come. Checks that each segment is whole in itself, and that no two have a cluster of the same id;
 * the other rules are those of {@link Manifest}.
 */
final class SegmentsVisitor implements ManifestVisitor {
  private final ManifestVisitor all;
  private final SettingsOfSegments settings = new SettingsOfSegments();
  private final Map<String, String> fileOfCluster = new HashMap<>();
  private @Nullable Totals totals;
  private @Nullable Timings timings;

  private String file = "";
  private final Set<String> usedClusters = new HashSet<>();
  private @Nullable Totals own;
  private long clusters;
  private long blocks;

  SegmentsVisitor(ManifestVisitor all) {
    this.all = all;
  }

  /** The next entries are of this segment. */
  void begin(String file) {
    this.file = file;
    usedClusters.clear();
    clusters = 0;
    blocks = 0;
  }

  /** The segment is read. */
  void end() throws ManifestException {
    if (own == null || own.clusters() != clusters || own.blocks() != blocks) {
      throw fault(
          "totals: it has " + clusters + " clusters and " + blocks + " blocks, not as stated");
    }
    for (String id : usedClusters) {
      if (!file.equals(fileOfCluster.get(id))) {
        throw fault("a block is in cluster " + id + ", which is not in this segment");
      }
    }
  }

  /**
   * All segments are read, one at least.
   *
   * @param rootBytes the size of the root, which is stored beside the segments
   */
  void finish(long rootBytes) throws ManifestException {
    if (totals == null || timings == null) {
      throw new IllegalStateException("no segment");
    }
    try {
      all.settings(settings.all());
      all.totals(totals.withBytes(rootBytes));
      all.timings(timings);
    } catch (IllegalArgumentException e) {
      throw fault(String.valueOf(e.getMessage()), e);
    } catch (ArithmeticException e) {
      throw fault("totals: the sums are more than can be counted", e);
    }
  }

  @Override
  public void settings(Settings ofSegment) throws ManifestException {
    settings.add(ofSegment, file);
  }

  @Override
  public void totals(Totals ofSegment) throws ManifestException {
    own = ofSegment;
    try {
      totals = totals == null ? ofSegment : totals.plus(ofSegment);
    } catch (ArithmeticException e) {
      throw new ManifestException("totals: the sums are more than can be counted", e);
    }
  }

  @Override
  public void timings(Timings ofSegment) throws ManifestException {
    try {
      timings = timings == null ? ofSegment : timings.plus(ofSegment);
    } catch (IllegalArgumentException e) {
      throw new ManifestException("timings." + e.getMessage(), e);
    }
  }

  @Override
  public void cluster(ClusterEntry cluster) throws ManifestException {
    clusters++;
    String before = fileOfCluster.put(cluster.id(), file);
    if (before != null) {
      throw new ManifestException(
          "clusters: " + cluster.id() + " is there twice, also in " + before);
    }
    all.cluster(cluster);
  }

  @Override
  public void block(BlockEntry block) throws ManifestException {
    blocks++;
    block.cluster().ifPresent(usedClusters::add);
    all.block(block);
  }

  @Override
  public void rejected(RejectedEntry entry) throws ManifestException {
    all.rejected(entry);
  }

  private ManifestException fault(String what) {
    return new ManifestException(file + ": " + what);
  }

  private ManifestException fault(String what, Throwable cause) {
    return new ManifestException(file + ": " + what, cause);
  }
}
