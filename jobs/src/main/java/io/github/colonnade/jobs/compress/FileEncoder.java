package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.metrics.EncodeMeters;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.apache.flink.core.fs.Path;

/**
 * Writes output files. Doing a task again writes the same bytes again. Not safe for use by several
 * threads.
 */
public final class FileEncoder implements Closeable {

  private final LinearAlgebra la;
  private final CompressSettings settings;
  private final BlockWeights weights;
  private final PayloadShare memory;
  private final EncodeMeters meters;
  private final LongConsumer read;
  private final StoredBases bases;

  private FileEncoder(
      LinearAlgebra la,
      CompressSettings settings,
      BlockWeights weights,
      PayloadShare memory,
      EncodeMeters meters,
      LongConsumer read) {
    this.la = la;
    this.meters = meters;
    this.memory = memory;
    this.settings = settings;
    this.weights = weights;
    this.read = read;
    this.bases = new StoredBases(la, settings.place().output());
  }

  /**
   * An encoder that holds the file of weights open, if there is one.
   *
   * @param la closed with the encoder
   * @param memory in which each cluster is held
   * @param meters show what is written
   * @param read receives the payload bytes of each block and tensor once, as they are read
   */
  public static FileEncoder open(
      LinearAlgebra la,
      CompressSettings settings,
      PayloadShare memory,
      EncodeMeters meters,
      LongConsumer read)
      throws IOException {
    return new FileEncoder(
        la,
        settings,
        settings.openWeights(la),
        memory,
        meters,
        bytes -> {
          read.accept(bytes);
          meters.read(bytes);
        });
  }

  /**
   * Writes the file of a task.
   *
   * @param directory in which the file's name is
   * @param spool a directory for temporary files on a local disk
   * @throws io.github.colonnade.connectors.io.FormatException if the original of a tensor is not
   *     what was sketched; then there is no file
   */
  public Outcome.FileWritten write(EncodeTask task, Path directory, Path spool) throws IOException {
    long started = System.nanoTime();
    long start = System.currentTimeMillis();
    try (SafetensorsSpool spooled = SafetensorsSpool.create(spool)) {
      FileContents contents =
          new FileContents(
              task.file(), spooled, la, settings, weights, bases, memory, meters.repairs(), read);
      for (ClusterTask cluster : task.clusters()) {
        contents.encode(cluster);
      }
      for (PassThrough copy : task.copies()) {
        contents.copy(copy);
      }
      Path file = new Path(directory, task.file());
      spooled.finish(
          file, settings.lost().<Map<String, String>>map(LostMethod::metadata).orElse(Map.of()));
      StageTimes times = task.times().with(Stage.ENCODE, start, System.currentTimeMillis());
      Outcome.FileWritten written =
          contents.written(file.getFileSystem().getFileStatus(file).getLen(), times);
      new WrittenMeters(settings, meters).count(written, started);
      return written;
    }
  }

  /** Why a cluster can never be encoded in the memory that there is. */
  public Optional<String> refusal(ClusterTask cluster) {
    FactorFormat format = FactorFormat.of(settings, cluster.members());
    ClusterNeed need = ClusterNeed.of(cluster, weights, settings.rank(), format.sizeBytes());
    return memory.refusal(need.bare(), () -> ClusterNeed.describe(cluster));
  }

  @Override
  public void close() throws IOException {
    try (la;
        weights) {
      bases.close();
    }
  }
}
