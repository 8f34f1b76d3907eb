package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.connectors.source.Arrival.Seal;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Puts tensors into batches: one open batch for each number of rows, and one for the tensors that
 * pass through.
 *
 * <p>What comes out depends on the tensors, their order and the times that are given, and on
 * nothing else.
 *
 * <p>Invariants: (1) every tensor is in one batch; (2) every batch is sealed once, with the number
 * of its tensors; (3) a batch of several tensors keeps to the limits; (4) between two calls the
 * open batches together keep to theirs.
 */
final class OpenBatches {

  private static final int VERSION = 1;

  /** The batch that a family's next tensor goes to. */
  private static final class Open {
    private final int rows;
    private long number;
    private long tensors;
    private long blocks;
    private long bytes;
    private long lastMillis;

    Open(int rows) {
      this.rows = rows;
    }
  }

  /**
   * Where a tensor went.
   *
   * @param before batches that were complete without it
   * @param batch its own
   * @param after batches that are complete with it
   */
  record Placed(List<Seal> before, Batch batch, List<Seal> after) {}

  private final BatchLimits limits;
  private final NavigableMap<Integer, Open> byRows = new TreeMap<>();
  private long openBytes;

  OpenBatches(BatchLimits limits) {
    this.limits = limits;
  }

  /**
   * Adds a tensor.
   *
   * @param rows of its blocks, or 0 if it passes through
   * @param blocks at least 1
   * @param bytes of its payload
   * @param nowMillis the time
   */
  Placed add(int rows, long blocks, long bytes, long nowMillis) {
    Open open = byRows.computeIfAbsent(rows, Open::new);
    List<Seal> before = new ArrayList<>();
    if (open.tensors > 0
        && (open.blocks + blocks > limits.blocks() || open.bytes + bytes > limits.bytes())) {
      before.add(seal(open));
    }
    Batch batch = new Batch(rows, open.number);
    open.tensors++;
    open.blocks += blocks;
    open.bytes += bytes;
    open.lastMillis = nowMillis;
    openBytes += bytes;
    List<Seal> after = new ArrayList<>();
    if (open.blocks >= limits.blocks() || open.bytes >= limits.bytes()) {
      after.add(seal(open));
    }
    while (openBytes > limits.openBytes()) {
      after.add(seal(largest(byRows.values())));
    }
    return new Placed(before, batch, after);
  }

  /** The one of most bytes, of several the one of fewest rows. */
  private static Open largest(Collection<Open> all) {
    Open largest = all.iterator().next();
    for (Open open : all) {
      largest = open.bytes > largest.bytes ? open : largest;
    }
    return largest;
  }

  /** How many batches have tensors and are not sealed. */
  int openCount() {
    return (int) byRows.values().stream().filter(each -> each.tensors > 0).count();
  }

  private Seal seal(Open open) {
    Seal seal = new Seal(new Batch(open.rows, open.number), open.tensors);
    openBytes -= open.bytes;
    open.number++;
    open.tensors = 0;
    open.blocks = 0;
    open.bytes = 0;
    return seal;
  }

  /** Seals the batches that got no tensor for the time given in the limits, by rows. */
  List<Seal> sealIdle(long nowMillis) {
    List<Seal> seals = new ArrayList<>();
    for (Open open : byRows.values()) {
      if (open.tensors > 0 && nowMillis - open.lastMillis >= limits.idle().toMillis()) {
        seals.add(seal(open));
      }
    }
    return seals;
  }

  /** Seals all open batches, by rows. */
  List<Seal> sealAll() {
    return byRows.values().stream().filter(open -> open.tensors > 0).map(this::seal).toList();
  }

  /** An independent copy. */
  OpenBatches copy() {
    OpenBatches copy = new OpenBatches(limits);
    for (Open open : byRows.values()) {
      copy.put(open.rows, open.number, open.tensors, open.blocks, open.bytes, open.lastMillis);
    }
    return copy;
  }

  private void put(int rows, long number, long tensors, long blocks, long bytes, long lastMillis) {
    Open open = new Open(rows);
    open.number = number;
    open.tensors = tensors;
    open.blocks = blocks;
    open.bytes = bytes;
    open.lastMillis = lastMillis;
    openBytes += bytes;
    byRows.put(rows, open);
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeInt(byRows.size());
    for (Open open : byRows.values()) {
      out.writeInt(open.rows);
      out.writeLong(open.number);
      out.writeLong(open.tensors);
      out.writeLong(open.blocks);
      out.writeLong(open.bytes);
      out.writeLong(open.lastMillis);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param limits of this run; they may be others than before
   */
  static OpenBatches read(BatchLimits limits, DataInput in) throws IOException {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IOException(
          "open batches of version " + version + "; this program reads " + VERSION);
    }
    OpenBatches batches = new OpenBatches(limits);
    for (int left = in.readInt(); left > 0; left--) {
      batches.put(
          in.readInt(), in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
    }
    return batches;
  }
}
