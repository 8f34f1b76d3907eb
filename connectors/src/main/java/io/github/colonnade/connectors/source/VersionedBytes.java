package io.github.colonnade.connectors.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A serializer of one version, in terms of data streams. */
abstract class VersionedBytes<T> implements SimpleVersionedSerializer<T> {

  private final String name;
  private final int version;

  /**
   * @param name of what is serialized, with an article
   */
  VersionedBytes(String name, int version) {
    this.name = name;
    this.version = version;
  }

  abstract void write(T value, DataOutput out) throws IOException;

  /** Reads what {@link #write} wrote. */
  abstract T read(DataInput in) throws IOException;

  @Override
  public final int getVersion() {
    return version;
  }

  @Override
  public final byte[] serialize(T value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    write(value, new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  @Override
  public final T deserialize(int found, byte[] serialized) throws IOException {
    if (found != version) {
      throw new IOException(name + " of version " + found + "; this program reads " + version);
    }
    return read(new DataInputStream(new ByteArrayInputStream(serialized)));
  }
}
