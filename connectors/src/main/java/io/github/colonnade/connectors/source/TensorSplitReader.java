package io.github.colonnade.connectors.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/** Emits the splits it is given and asks for more when none is left. */
final class TensorSplitReader implements SourceReader<TensorSplit, TensorSplit> {

  private final SourceReaderContext context;
  private final Deque<TensorSplit> splits = new ArrayDeque<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private boolean noMoreSplits;

  TensorSplitReader(SourceReaderContext context) {
    this.context = context;
  }

  @Override
  public void start() {
    if (splits.isEmpty()) {
      context.sendSplitRequest();
    }
  }

  @Override
  public InputStatus pollNext(ReaderOutput<TensorSplit> output) {
    TensorSplit split = splits.pollFirst();
    if (split != null) {
      output.collect(split);
      if (!splits.isEmpty()) {
        return InputStatus.MORE_AVAILABLE;
      }
      if (!noMoreSplits) {
        context.sendSplitRequest();
      }
    }
    if (noMoreSplits) {
      return InputStatus.END_OF_INPUT;
    }
    if (available.isDone()) {
      available = new CompletableFuture<>();
    }
    return InputStatus.NOTHING_AVAILABLE;
  }

  @Override
  public CompletableFuture<Void> isAvailable() {
    return splits.isEmpty() && !noMoreSplits ? available : CompletableFuture.completedFuture(null);
  }

  @Override
  public void addSplits(List<TensorSplit> more) {
    splits.addAll(more);
    available.complete(null);
  }

  @Override
  public void notifyNoMoreSplits() {
    noMoreSplits = true;
    available.complete(null);
  }

  @Override
  public List<TensorSplit> snapshotState(long checkpoint) {
    return new ArrayList<>(splits);
  }

  @Override
  public void close() {}
}
