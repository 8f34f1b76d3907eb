package io.github.colonnade.jobs.flink;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.util.FlinkException;
import org.apache.flink.util.InstantiationUtil;

/**
 * Writes each record as its codec's version (one byte) and the codec's bytes. Records are
 * immutable, so copying hands out the same one.
 */
public final class CodecSerializer<T> extends TypeSerializer<T> {

  private final Codec<T> codec;

  public CodecSerializer(Codec<T> codec) {
    this.codec = codec;
  }

  @Override
  public void serialize(T record, DataOutputView target) throws IOException {
    target.writeByte(codec.version());
    codec.write(record, target);
  }

  @Override
  public T deserialize(DataInputView source) throws IOException {
    int version = source.readByte();
    if (version < codec.oldestVersion() || version > codec.version()) {
      throw new IOException(
          "a "
              + codec.type().getSimpleName()
              + " of version "
              + version
              + " was written by another program; this one reads "
              + codec.oldestVersion()
              + " to "
              + codec.version());
    }
    return codec.read(version, source);
  }

  @Override
  public T deserialize(T reuse, DataInputView source) throws IOException {
    return deserialize(source);
  }

  @Override
  public void copy(DataInputView source, DataOutputView target) throws IOException {
    serialize(deserialize(source), target);
  }

  /** The bytes of one record, for tests and checksums. */
  public byte[] toBytes(T record) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    serialize(record, new DataOutputViewStreamWrapper(bytes));
    return bytes.toByteArray();
  }

  @Override
  public boolean isImmutableType() {
    return true;
  }

  @Override
  public TypeSerializer<T> duplicate() {
    return this;
  }

  @Override
  public T createInstance() {
    throw new UnsupportedOperationException("records are made by their codec");
  }

  @Override
  public T copy(T from) {
    return from;
  }

  @Override
  public T copy(T from, T reuse) {
    return from;
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CodecSerializer<?> serializer
        && serializer.codec.getClass().equals(codec.getClass());
  }

  @Override
  public int hashCode() {
    return codec.getClass().hashCode();
  }

  @Override
  public TypeSerializerSnapshot<T> snapshotConfiguration() {
    return new Snapshot<>(codec);
  }

  /** Remembers which codec wrote the state; versions are in the records themselves. */
  public static final class Snapshot<T> implements TypeSerializerSnapshot<T> {

    private static final int VERSION = 1;

    @SuppressWarnings("NullAway.Init") // Flink calls readSnapshot after the empty constructor.
    private Codec<T> codec;

    /** For Flink. */
    public Snapshot() {}

    Snapshot(Codec<T> codec) {
      this.codec = codec;
    }

    @Override
    public int getCurrentVersion() {
      return VERSION;
    }

    @Override
    public void writeSnapshot(DataOutputView out) throws IOException {
      out.writeUTF(codec.getClass().getName());
    }

    @Override
    @SuppressWarnings("unchecked")
    public void readSnapshot(int version, DataInputView in, ClassLoader classLoader)
        throws IOException {
      try {
        codec = InstantiationUtil.instantiate(in.readUTF(), Codec.class, classLoader);
      } catch (FlinkException e) {
        throw new IOException("the state was written by a codec that is not here", e);
      }
    }

    @Override
    public TypeSerializer<T> restoreSerializer() {
      return new CodecSerializer<>(codec);
    }

    @Override
    public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
        TypeSerializerSnapshot<T> old) {
      return old instanceof Snapshot<T> snapshot
              && snapshot.codec.getClass().equals(codec.getClass())
          ? TypeSerializerSchemaCompatibility.compatibleAsIs()
          : TypeSerializerSchemaCompatibility.incompatible();
    }
  }
}
