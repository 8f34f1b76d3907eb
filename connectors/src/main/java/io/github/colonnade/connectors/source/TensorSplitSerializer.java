package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The bytes of splits, and of the splits that an enumerator has not assigned yet. */
final class TensorSplitSerializer extends VersionedBytes<TensorSplit> {

  private static final int VERSION = 1;

  TensorSplitSerializer() {
    super("a split", VERSION);
  }

  @Override
  void write(TensorSplit split, DataOutput out) throws IOException {
    out.writeLong(split.ordinal());
    TensorInfoBytes.write(split.tensor(), out);
    out.writeLong(split.listStartMillis());
    out.writeLong(split.listEndMillis());
  }

  @Override
  TensorSplit read(DataInput in) throws IOException {
    return new TensorSplit(in.readLong(), TensorInfoBytes.read(in), in.readLong(), in.readLong());
  }

  /**
   * What an enumerator has left to assign.
   *
   * @param listed whether the listing is complete
   * @param pending the splits to assign
   */
  record Pending(boolean listed, List<TensorSplit> pending) {}

  /** The bytes of an enumerator's checkpoint. */
  static final class PendingSerializer extends VersionedBytes<Pending> {

    private static final TensorSplitSerializer SPLITS = new TensorSplitSerializer();

    PendingSerializer() {
      super("a checkpoint", VERSION);
    }

    @Override
    void write(Pending state, DataOutput out) throws IOException {
      out.writeBoolean(state.listed());
      out.writeInt(state.pending().size());
      for (TensorSplit split : state.pending()) {
        SPLITS.write(split, out);
      }
    }

    @Override
    Pending read(DataInput in) throws IOException {
      boolean listed = in.readBoolean();
      int count = in.readInt();
      List<TensorSplit> pending = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        pending.add(SPLITS.read(in));
      }
      return new Pending(listed, pending);
    }
  }
}
