package io.github.colonnade.connectors.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.flink.api.connector.source.SourceSplit;

/** Splits that no reader has yet, handed out in their order, a few small ones or one large one. */
final class PendingSplits<S extends SourceSplit> {

  /** Bytes of payload handed out at a time, unless one split has more. */
  private static final long HANDED_BYTES = 4L << 20;

  private static final int HANDED_SPLITS = 64;

  private final Deque<S> splits;
  private final ToLongFunction<S> payloadBytes;

  PendingSplits(Collection<S> splits, ToLongFunction<S> payloadBytes) {
    this.splits = new ArrayDeque<>(splits);
    this.payloadBytes = payloadBytes;
  }

  int size() {
    return splits.size();
  }

  void add(S split) {
    splits.add(split);
  }

  void addAll(Collection<S> more) {
    splits.addAll(more);
  }

  /** Puts back what a reader had, before all others. */
  void addBack(List<S> returned) {
    for (int i = returned.size() - 1; i >= 0; i--) {
      splits.addFirst(returned.get(i));
    }
  }

  /** Takes what a reader gets at a time; nothing if there is none. */
  List<S> hand() {
    List<S> handed = new ArrayList<>();
    long bytes = 0;
    while (!splits.isEmpty() && handed.size() < HANDED_SPLITS) {
      bytes += payloadBytes.applyAsLong(splits.getFirst());
      if (!handed.isEmpty() && bytes > HANDED_BYTES) {
        break;
      }
      handed.add(splits.removeFirst());
    }
    return handed;
  }

  List<S> toList() {
    return List.copyOf(splits);
  }
}
