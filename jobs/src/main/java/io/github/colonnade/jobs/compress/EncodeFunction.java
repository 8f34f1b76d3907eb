package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.metrics.EncodeMeters;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.WorkMeters;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** Writes one output file for each task. */
final class EncodeFunction extends RichMapFunction<EncodeTask, Outcome> {

  private final CompressSettings settings;
  private final @Nullable KeptOutcomes kept;

  private transient FileEncoder encoder;
  private transient PayloadShare memory;

  /**
   * @param kept the outcomes of files that need not be written again, and where to keep those of
   *     others; null to keep none
   */
  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  EncodeFunction(CompressSettings settings, @Nullable KeptOutcomes kept) {
    this.settings = settings;
    this.kept = kept;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    LongCounter read = Counters.register(getRuntimeContext(), Counters.ENCODED_BYTES);
    memory = PayloadShare.open(getRuntimeContext(), settings.payloadLimit());
    Meters meters = Meters.of(getRuntimeContext().getMetricGroup());
    encoder =
        FileEncoder.open(
            WorkMeters.measured(meters, new Nd4jLinearAlgebra()),
            settings,
            memory,
            new EncodeMeters(meters),
            read::add);
  }

  @Override
  public Outcome map(EncodeTask task) throws IOException {
    if (kept == null) {
      return write(task);
    }
    Optional<Outcome.FileWritten> before = kept.find(task.file());
    if (before.isPresent() && isThere(before.get())) {
      return before.get();
    }
    Outcome.FileWritten written = write(task);
    kept.keep(written);
    return written;
  }

  private boolean isThere(Outcome.FileWritten written) throws IOException {
    Path file = new Path(settings.place().staging(), written.file());
    return file.getFileSystem().exists(file)
        && file.getFileSystem().getFileStatus(file).getLen() == written.sizeBytes();
  }

  private Outcome.FileWritten write(EncodeTask task) throws IOException {
    return encoder.write(task, new Path(settings.place().staging()), spoolDirectory());
  }

  @Override
  public void close() throws IOException {
    if (memory != null) {
      memory.close();
    }
    if (encoder != null) {
      encoder.close();
    }
  }

  /**
   * On a local disk the staging directory, so that what an interrupted run leaves is in one place.
   */
  private Path spoolDirectory() throws IOException {
    Path staging = new Path(settings.place().staging());
    return staging.getFileSystem().isDistributedFS()
        ? new Path(System.getProperty("java.io.tmpdir", "/tmp"))
        : staging;
  }
}
