package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.EncodeTask;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.FamilyPartitioner;
import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.compress.PassThrough;
import io.github.colonnade.jobs.compress.PassThroughFiles;
import io.github.colonnade.jobs.compress.SketchedBlock;
import io.github.colonnade.jobs.compress.StageTimes;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.metrics.PartitionMeters;
import io.github.colonnade.jobs.stored.Segments;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Plans a batch as a collection of its own. The plan depends on what is in the batch, not on the
 * order in which it came.
 */
final class BatchPlanner {

  private static final int NAME_BYTES = 8;

  private final LinearAlgebra la;
  private final CompressSettings settings;
  private final PartitionMeters meters;

  BatchPlanner(LinearAlgebra la, CompressSettings settings, PartitionMeters meters) {
    this.meters = meters;
    this.la = la;
    this.settings = settings;
  }

  /**
   * The files of a batch.
   *
   * @param items all of the batch
   */
  BatchTask plan(Batch batch, Iterable<BatchItem> items) {
    long started = System.nanoTime();
    long start = System.currentTimeMillis();
    List<SketchedBlock> blocks = new ArrayList<>();
    List<PassThrough> copies = new ArrayList<>();
    List<Outcome.Rejected> rejected = new ArrayList<>();
    long inputBytes = 0;
    for (BatchItem item : items) {
      if (item.content() instanceof BatchItem.Block block) {
        blocks.add(block.block());
      } else if (item.content() instanceof BatchItem.Copy copy) {
        copies.add(copy.tensor());
      } else if (item.content() instanceof BatchItem.Refused refused) {
        rejected.add(refused.tensor());
      } else if (item.content() instanceof BatchItem.Done done) {
        inputBytes += done.fileBytes();
      }
    }
    blocks.sort(
        Comparator.comparingLong(SketchedBlock::ordinal).thenComparingInt(SketchedBlock::index));
    rejected.sort(Comparator.comparingLong(Outcome.Rejected::ordinal));
    List<EncodeTask> files = new ArrayList<>();
    if (!blocks.isEmpty()) {
      StageTimes times =
          blocks.stream().map(SketchedBlock::times).reduce(StageTimes.none(), StageTimes::join);
      List<EncodeTask> planned =
          new FamilyPartitioner(la, settings, FamilyPartitioner.MAX_MEMBERS, meters.decisions())
              .partition(batch.rows(), blocks);
      StageTimes done = times.with(Stage.PARTITION, start, System.currentTimeMillis());
      for (EncodeTask each : planned) {
        each.clusters().forEach(cluster -> meters.sealed(cluster.members().size()));
        files.add(new EncodeTask(each.file(), each.clusters(), each.copies(), done));
      }
    }
    files.addAll(PassThroughFiles.of(copies));
    meters.done(started);
    return new BatchTask(batch, inputBytes, files, rejected);
  }

  /**
   * With names that no other batch has, and that tell one content and one writer from another.
   *
   * @param number of the file in the batch
   */
  static EncodeTask named(
      Batch batch, int number, String writer, EncodeTask task, StageTimes times) {
    String ofRows = "m" + batch.rows();
    MessageDigest digest = Sha256.digest();
    List<ClusterTask> clusters = new ArrayList<>();
    for (ClusterTask cluster : task.clusters()) {
      for (MemberTask member : cluster.members()) {
        update(digest, member.ordinal() + "/" + member.index() + "/" + member.sha256());
      }
      clusters.add(
          cluster.withId(ofRows + "-b" + batch.number() + cluster.id().substring(ofRows.length())));
    }
    for (PassThrough copy : task.copies()) {
      update(digest, copy.ordinal() + "/" + copy.tensor().name());
    }
    String name =
        String.format(
            Locale.ROOT,
            "%s/%s-b%06d-%04d-%s-%s.safetensors",
            Segments.DATA,
            clusters.isEmpty() ? "passthrough" : "factors-" + ofRows,
            batch.number(),
            number,
            HexFormat.of().formatHex(digest.digest(), 0, NAME_BYTES),
            writer);
    return new EncodeTask(name, clusters, task.copies(), times);
  }

  private static void update(MessageDigest digest, String text) {
    digest.update((text + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
