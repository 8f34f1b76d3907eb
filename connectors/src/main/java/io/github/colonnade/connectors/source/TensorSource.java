package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.source.TensorSplitSerializer.Pending;
import io.github.colonnade.connectors.source.TensorSplitSerializer.PendingSerializer;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A bounded source of the tensors of files and directories.
 *
 * <p>The enumerator lists the headers once; readers ask for tensors when they have none left, so a
 * subtask with small tensors takes more of them. Payloads are not read here: an operator reads them
 * by byte range where it uses them.
 */
public final class TensorSource implements Source<TensorSplit, TensorSplit, Pending> {

  private final List<String> inputs;

  /**
   * @param inputs as for {@link io.github.colonnade.connectors.format.TensorLister#list}
   */
  public TensorSource(List<String> inputs) {
    this.inputs = List.copyOf(inputs);
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SplitEnumerator<TensorSplit, Pending> createEnumerator(
      SplitEnumeratorContext<TensorSplit> context) {
    return new TensorEnumerator(context, inputs, new Pending(false, List.of()));
  }

  @Override
  public SplitEnumerator<TensorSplit, Pending> restoreEnumerator(
      SplitEnumeratorContext<TensorSplit> context, Pending checkpoint) {
    return new TensorEnumerator(context, inputs, checkpoint);
  }

  @Override
  public SimpleVersionedSerializer<TensorSplit> getSplitSerializer() {
    return new TensorSplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<Pending> getEnumeratorCheckpointSerializer() {
    return new PendingSerializer();
  }

  @Override
  public SourceReader<TensorSplit, TensorSplit> createReader(SourceReaderContext context) {
    return new SplitReader<>(context, split -> split);
  }
}
