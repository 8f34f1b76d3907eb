package io.github.colonnade.jobs.manifest;

/**
 * Takes the parts of a manifest as they are read, in the order of the file. Each entry is checked
 * by itself; that the entries fit each other is checked only by the constructor of {@link
 * Manifest}.
 */
public interface ManifestVisitor {
  default void settings(Settings settings) {}

  default void totals(Totals totals) {}

  default void timings(Timings timings) {}

  default void cluster(ClusterEntry cluster) {}

  default void block(BlockEntry block) {}

  default void rejected(RejectedEntry rejected) {}
}
