package io.github.colonnade.connectors.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.InputStatus;

/**
 * Emits one record for each split it is given and asks for more when none is left.
 *
 * @param <T> of the records
 * @param <S> of the splits
 */
final class SplitReader<T, S extends SourceSplit> implements SourceReader<T, S> {

  private final SourceReaderContext context;
  private final Function<S, T> record;
  private final Deque<S> splits = new ArrayDeque<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private boolean noMoreSplits;

  SplitReader(SourceReaderContext context, Function<S, T> record) {
    this.context = context;
    this.record = record;
  }

  @Override
  public void start() {
    if (splits.isEmpty()) {
      context.sendSplitRequest();
    }
  }

  @Override
  public InputStatus pollNext(ReaderOutput<T> output) {
    S split = splits.pollFirst();
    if (split != null) {
      output.collect(record.apply(split));
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
  public void addSplits(List<S> more) {
    splits.addAll(more);
    available.complete(null);
  }

  @Override
  public void notifyNoMoreSplits() {
    noMoreSplits = true;
    available.complete(null);
  }

  @Override
  public List<S> snapshotState(long checkpoint) {
    return new ArrayList<>(splits);
  }

  @Override
  public void close() {}
}
