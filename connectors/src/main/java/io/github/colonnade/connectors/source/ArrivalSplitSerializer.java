package io.github.colonnade.connectors.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** The bytes of splits. */
final class ArrivalSplitSerializer implements SimpleVersionedSerializer<ArrivalSplit> {

  private static final int VERSION = 1;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(ArrivalSplit split) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(split, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Override
  public ArrivalSplit deserialize(int version, byte[] serialized) throws IOException {
    if (version != VERSION) {
      throw new IOException("a split of version " + version + "; this program reads " + VERSION);
    }
    return read(new DataInputStream(new ByteArrayInputStream(serialized)));
  }

  static void write(ArrivalSplit split, DataOutput out) throws IOException {
    out.writeLong(split.number());
    ArrivalBytes.write(split.arrival(), out);
  }

  static ArrivalSplit read(DataInput in) throws IOException {
    return new ArrivalSplit(in.readLong(), ArrivalBytes.read(in));
  }
}
