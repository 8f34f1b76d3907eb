package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.format.Listing;
import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.source.TensorSplitSerializer.Pending;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayList;
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

  private final SplitEnumeratorContext<TensorSplit> context;
  private final List<String> inputs;
  private final PendingSplits<TensorSplit> pending;
  private final Set<Integer> waiting = new LinkedHashSet<>();
  private boolean listed;

  TensorEnumerator(
      SplitEnumeratorContext<TensorSplit> context, List<String> inputs, Pending state) {
    this.context = context;
    this.inputs = inputs;
    this.listed = state.listed();
    this.pending = new PendingSplits<>(state.pending(), split -> split.tensor().sizeBytes());
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
    List<TensorSplit> handed = pending.hand();
    if (handed.isEmpty()) {
      context.signalNoMoreSplits(subtask);
    } else {
      context.assignSplits(new SplitsAssignment<>(Map.of(subtask, handed)));
    }
  }

  @Override
  public void addSplitsBack(List<TensorSplit> splits, int subtask) {
    pending.addBack(splits);
  }

  @Override
  public void addReader(int subtask) {
    // Readers ask when they are ready.
  }

  @Override
  public Pending snapshotState(long checkpoint) {
    return new Pending(listed, pending.toList());
  }

  @Override
  public void close() {}
}
