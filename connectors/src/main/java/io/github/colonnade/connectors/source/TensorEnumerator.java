package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.format.Listing;
import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.source.TensorSplitSerializer.Pending;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;

/** Lists the tensors and hands them out on request, a few small ones or one large one at a time. */
final class TensorEnumerator implements SplitEnumerator<TensorSplit, Pending> {

  /** Bytes of payload handed out at a time, unless one tensor is larger. */
  private static final long BATCH_BYTES = 4L << 20;

  private static final int BATCH_TENSORS = 64;

  private final SplitEnumeratorContext<TensorSplit> context;
  private final List<String> inputs;
  private final Deque<TensorSplit> pending;
  private final Set<Integer> waiting = new LinkedHashSet<>();
  private boolean listed;

  TensorEnumerator(
      SplitEnumeratorContext<TensorSplit> context, List<String> inputs, Pending state) {
    this.context = context;
    this.inputs = inputs;
    this.listed = state.listed();
    this.pending = new ArrayDeque<>(state.pending());
  }

  @Override
  public void start() {
    if (!listed) {
      context.callAsync(() -> list(inputs), this::accept);
    }
  }

  private static List<TensorSplit> list(List<String> inputs) throws IOException {
    long start = System.currentTimeMillis();
    Listing listing = TensorLister.list(inputs);
    long end = System.currentTimeMillis();
    List<TensorSplit> splits = new ArrayList<>();
    for (TensorInfo tensor : listing.tensors()) {
      splits.add(new TensorSplit(splits.size(), tensor, start, end));
    }
    return splits;
  }

  private void accept(List<TensorSplit> splits, @Nullable Throwable failure) {
    if (failure != null) {
      throw new FlinkRuntimeException("cannot list " + inputs, failure);
    }
    pending.addAll(splits);
    listed = true;
    waiting.forEach(this::assign);
    waiting.clear();
  }

  @Override
  public void handleSplitRequest(int subtask, @Nullable String hostname) {
    if (listed) {
      assign(subtask);
    } else {
      waiting.add(subtask);
    }
  }

  private void assign(int subtask) {
    if (!context.registeredReaders().containsKey(subtask)) {
      return;
    }
    List<TensorSplit> batch = new ArrayList<>();
    long bytes = 0;
    while (!pending.isEmpty() && batch.size() < BATCH_TENSORS) {
      bytes += pending.getFirst().tensor().sizeBytes();
      if (!batch.isEmpty() && bytes > BATCH_BYTES) {
        break;
      }
      batch.add(pending.removeFirst());
    }
    if (batch.isEmpty()) {
      context.signalNoMoreSplits(subtask);
    } else {
      context.assignSplits(new SplitsAssignment<>(Map.of(subtask, batch)));
    }
  }

  @Override
  public void addSplitsBack(List<TensorSplit> splits, int subtask) {
    for (int i = splits.size() - 1; i >= 0; i--) {
      pending.addFirst(splits.get(i));
    }
  }

  @Override
  public void addReader(int subtask) {
    // Readers ask when they are ready.
  }

  @Override
  public Pending snapshotState(long checkpoint) {
    return new Pending(listed, new ArrayList<>(pending));
  }

  @Override
  public void close() {}
}
