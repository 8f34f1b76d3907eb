package io.github.colonnade.jobs.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Keeps everything that is read. */
final class ManifestCollector implements ManifestVisitor {
  private @Nullable Settings settings;
  private @Nullable Totals totals;
  private @Nullable Timings timings;
  private final List<ClusterEntry> clusters = new ArrayList<>();
  private final List<BlockEntry> blocks = new ArrayList<>();
  private final List<RejectedEntry> rejected = new ArrayList<>();

  @Override
  public void settings(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void totals(Totals totals) {
    this.totals = totals;
  }

  @Override
  public void timings(Timings timings) {
    this.timings = timings;
  }

  @Override
  public void cluster(ClusterEntry cluster) {
    clusters.add(cluster);
  }

  @Override
  public void block(BlockEntry block) {
    blocks.add(block);
  }

  @Override
  public void rejected(RejectedEntry entry) {
    rejected.add(entry);
  }

  /**
   * All of it.
   *
   * @param file where it was read, for messages
   * @throws ManifestException if the entries do not fit each other
   */
  Manifest manifest(String file) throws ManifestException {
    try {
      return new Manifest(
          Objects.requireNonNull(settings),
          Objects.requireNonNull(totals),
          Objects.requireNonNull(timings),
          clusters,
          blocks,
          rejected);
    } catch (IllegalArgumentException e) {
      throw new ManifestException(file + ": " + e.getMessage(), e);
    }
  }
}
