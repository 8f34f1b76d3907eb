package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.compress.Outcome.FileWritten;
import io.github.colonnade.jobs.compress.Outcome.StoredBlock;
import io.github.colonnade.jobs.compress.Outcome.StoredCluster;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.metrics.EncodeMeters;

/** Shows what is in an output file as meters, as the manifest will have it. */
record WrittenMeters(CompressSettings settings, EncodeMeters meters) {

  /**
   * Counts a file.
   *
   * @param started when it was begun, from {@link System#nanoTime}
   */
  void count(FileWritten file, long started) {
    for (StoredBlock block : file.blocks()) {
      meters.block(
          block.treatment(),
          block.matrix().map(BlockRef::elements).orElse(block.tensor().elements()));
    }
    for (StoredCluster cluster : file.clusters()) {
      meters.cluster(cluster.rank(), cluster.blocks());
    }
    errors(file);
    meters.file(file.numbers(), file.sizeBytes(), started);
  }

  /** At a rank that was asked for there is no limit. */
  private void errors(FileWritten file) {
    if (settings.rank() > 0) {
      return;
    }
    if (settings.method().scope() == Scope.BLOCK) {
      for (StoredBlock block : file.blocks()) {
        if (block.treatment().isInCluster()) {
          meters.error(block.weightedError().orElse(block.error()), settings.maxError());
        }
      }
      return;
    }
    for (StoredCluster cluster : file.clusters()) {
      meters.error(
          cluster.weightedError().orElse(cluster.error()),
          cluster.limit().orElse(settings.maxError()));
    }
  }
}
