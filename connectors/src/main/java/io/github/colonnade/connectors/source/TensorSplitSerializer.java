package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** The bytes of splits, and of the splits that an enumerator has not assigned yet. */
final class TensorSplitSerializer implements SimpleVersionedSerializer<TensorSplit> {

  private static final int VERSION = 1;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(TensorSplit split) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(split, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Override
  public TensorSplit deserialize(int version, byte[] serialized) throws IOException {
    requireKnown(version);
    return read(new DataInputStream(new ByteArrayInputStream(serialized)));
  }

  static void write(TensorSplit split, DataOutput out) throws IOException {
    out.writeLong(split.ordinal());
    TensorInfoBytes.write(split.tensor(), out);
    out.writeLong(split.listStartMillis());
    out.writeLong(split.listEndMillis());
  }

  static TensorSplit read(DataInput in) throws IOException {
    return new TensorSplit(in.readLong(), TensorInfoBytes.read(in), in.readLong(), in.readLong());
  }

  private static void requireKnown(int version) throws IOException {
    if (version != VERSION) {
      throw new IOException("a split of version " + version + "; this program reads " + VERSION);
    }
  }

  /**
   * What an enumerator has left to assign.
   *
   * @param listed whether the listing is complete
   * @param pending the splits to assign
   */
  record Pending(boolean listed, List<TensorSplit> pending) {}

  /** The bytes of an enumerator's checkpoint. */
  static final class PendingSerializer implements SimpleVersionedSerializer<Pending> {

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(Pending state) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeBoolean(state.listed());
      out.writeInt(state.pending().size());
      for (TensorSplit split : state.pending()) {
        write(split, out);
      }
      return bytes.toByteArray();
    }

    @Override
    public Pending deserialize(int version, byte[] serialized) throws IOException {
      requireKnown(version);
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
      boolean listed = in.readBoolean();
      int count = in.readInt();
      List<TensorSplit> pending = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        pending.add(read(in));
      }
      return new Pending(listed, pending);
    }
  }
}
