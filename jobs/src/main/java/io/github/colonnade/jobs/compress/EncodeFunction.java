package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.util.Map;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.core.fs.Path;

/** Writes one output file for each task. Doing a task again writes the same bytes again. */
final class EncodeFunction extends RichMapFunction<EncodeTask, Outcome> {

  private final CompressSettings settings;

  private transient LinearAlgebra la;
  private transient BlockWeights weights;
  private transient LongCounter encodedBytes;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  EncodeFunction(CompressSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    la = new Nd4jLinearAlgebra();
    weights = settings.openWeights(la);
    encodedBytes = Counters.register(getRuntimeContext(), Counters.ENCODED_BYTES);
  }

  @Override
  public Outcome map(EncodeTask task) throws IOException {
    long start = System.currentTimeMillis();
    try (SafetensorsSpool spool = SafetensorsSpool.create(spoolDirectory())) {
      FileContents contents =
          new FileContents(task.file(), spool, la, settings, weights, encodedBytes::add);
      for (ClusterTask cluster : task.clusters()) {
        contents.encode(cluster);
      }
      for (PassThrough copy : task.copies()) {
        contents.copy(copy);
      }
      Path file = new Path(settings.place().staging(), task.file());
      spool.finish(
          file, settings.lost().<Map<String, String>>map(LostMethod::metadata).orElse(Map.of()));
      StageTimes times = task.times().with(Stage.ENCODE, start, System.currentTimeMillis());
      return contents.written(file.getFileSystem().getFileStatus(file).getLen(), times);
    }
  }

  @Override
  public void close() throws IOException {
    if (weights != null) {
      weights.close();
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
