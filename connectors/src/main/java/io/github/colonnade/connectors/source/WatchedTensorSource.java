package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.view.MatrixView;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A source of the tensors of files that appear in inputs, put into batches.
 *
 * <p>The enumerator lists the inputs at intervals, takes each file once, in the order of
 * modification times and then of paths, and decides which batch each of its tensors is in. Readers
 * only pass on what they are given; they ask for more when they have none left, and the enumerator
 * reads headers of further files only as they do. Word that a batch is complete may come before its
 * last tensors, since these go through other subtasks.
 *
 * <p>What was given is in the checkpoints of the job, so every arrival is emitted once if the job
 * is restored from one.
 */
public final class WatchedTensorSource implements Source<Arrival, ArrivalSplit, WatchCheckpoint> {

  private final List<String> inputs;
  private final MatrixView view;
  private final WatchSettings settings;

  /**
   * @param inputs files, and directories at any depth, as paths or URIs; while they are watched
   *     they need not be there yet
   * @param view tells which tensors are matrices, and of how many rows and blocks
   * @param settings how to watch
   */
  public WatchedTensorSource(List<String> inputs, MatrixView view, WatchSettings settings) {
    this.inputs = List.copyOf(inputs);
    this.view = view;
    this.settings = settings;
  }

  @Override
  public Boundedness getBoundedness() {
    return settings.once() ? Boundedness.BOUNDED : Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SplitEnumerator<ArrivalSplit, WatchCheckpoint> createEnumerator(
      SplitEnumeratorContext<ArrivalSplit> context) {
    return restoreEnumerator(context, WatchCheckpoint.empty(settings));
  }

  @Override
  public SplitEnumerator<ArrivalSplit, WatchCheckpoint> restoreEnumerator(
      SplitEnumeratorContext<ArrivalSplit> context, WatchCheckpoint checkpoint) {
    return new WatchingEnumerator(context, inputs, view, settings, checkpoint);
  }

  @Override
  public SimpleVersionedSerializer<ArrivalSplit> getSplitSerializer() {
    return new ArrivalSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<WatchCheckpoint> getEnumeratorCheckpointSerializer() {
    return new WatchCheckpoint.Serializer(settings);
  }

  @Override
  public SourceReader<Arrival, ArrivalSplit> createReader(SourceReaderContext context) {
    return new SplitReader<>(context, ArrivalSplit::arrival);
  }
}
