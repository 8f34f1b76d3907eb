package io.github.colonnade.jobs.manifest;

/**
 * Takes the parts of a manifest as they are read, in the order of the file. Each entry is checked
 * by itself; that the entries fit each other is checked only by the constructor of {@link
 * Manifest}.
 */
public interface ManifestVisitor {
  /** The root of a collection in segments, which is there in place of everything else. */
  default void root(Root root) throws ManifestException {
    throw new ManifestException("segments: expected one manifest, not the root of several");
  }

  default void settings(Settings settings) throws ManifestException {}

  default void totals(Totals totals) throws ManifestException {}

  default void timings(Timings timings) throws ManifestException {}

  default void cluster(ClusterEntry cluster) throws ManifestException {}

  default void block(BlockEntry block) throws ManifestException {}

  default void rejected(RejectedEntry entry) throws ManifestException {}
}
