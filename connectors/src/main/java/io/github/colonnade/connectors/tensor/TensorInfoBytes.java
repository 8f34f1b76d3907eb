package io.github.colonnade.connectors.tensor;

import io.github.colonnade.connectors.tensor.Payload.ByteRange;
import io.github.colonnade.connectors.tensor.Payload.Container;
import io.github.colonnade.connectors.tensor.Payload.Decoded;
import io.github.colonnade.connectors.tensor.Payload.FieldEncoding;
import io.github.colonnade.connectors.tensor.Payload.ProtobufField;
import io.github.colonnade.connectors.tensor.Payload.Quantized;
import io.github.colonnade.connectors.tensor.Payload.ZipEntryRange;
import io.github.colonnade.connectors.tensor.Payload.ZipMethod;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bytes of a {@link TensorInfo} between the parts of a job. Enum constants are written by name,
 * so that adding one changes no old bytes.
 */
public final class TensorInfoBytes {
  /** What is read of a record before its length is believed. */
  private static final int FIRST_BYTES = 1 << 16;

  private static final byte BYTE_RANGE = 0;
  private static final byte ZIP_ENTRY = 1;
  private static final byte PROTOBUF_FIELD = 2;
  private static final byte QUANTIZED = 3;
  private static final byte DECODED = 4;

  private TensorInfoBytes() {}

  public static void write(TensorInfo tensor, DataOutput out) throws IOException {
    writeText(tensor.source(), out);
    writeText(tensor.name(), out);
    out.writeUTF(tensor.dtype().name());
    long[] dims = tensor.shape().dims();
    out.writeByte(dims.length);
    for (long dim : dims) {
      out.writeLong(dim);
    }
    writePayload(tensor.payload(), out);
  }

  /** Reads what {@link #write} wrote. */
  public static TensorInfo read(DataInput in) throws IOException {
    String source = readText(in);
    String name = readText(in);
    DType dtype = DType.valueOf(in.readUTF());
    long[] dims = new long[in.readByte()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = in.readLong();
    }
    return new TensorInfo(source, name, dtype, Shape.of(dims), readPayload(in));
  }

  private static void writePayload(Payload payload, DataOutput out) throws IOException {
    if (payload instanceof ByteRange range) {
      out.writeByte(BYTE_RANGE);
      writeText(range.path(), out);
      out.writeLong(range.offset());
      out.writeLong(range.length());
      out.writeUTF(range.arrangement().name());
    } else if (payload instanceof ZipEntryRange entry) {
      out.writeByte(ZIP_ENTRY);
      writeText(entry.path(), out);
      writeText(entry.entry(), out);
      out.writeUTF(entry.method().name());
      out.writeLong(entry.offset());
      out.writeLong(entry.compressedLength());
      out.writeLong(entry.skip());
      out.writeLong(entry.length());
      out.writeLong(entry.crc32());
      out.writeUTF(entry.arrangement().name());
    } else if (payload instanceof ProtobufField field) {
      out.writeByte(PROTOBUF_FIELD);
      writeText(field.path(), out);
      out.writeLong(field.offset());
      out.writeInt(field.length());
      out.writeInt(field.field());
      out.writeUTF(field.encoding().name());
    } else if (payload instanceof Quantized range) {
      out.writeByte(QUANTIZED);
      writeText(range.path(), out);
      out.writeLong(range.offset());
      out.writeLong(range.length());
      out.writeUTF(range.quantization().name());
    } else if (payload instanceof Decoded numbers) {
      out.writeByte(DECODED);
      writeText(numbers.path(), out);
      out.writeUTF(numbers.container().name());
      out.writeLong(numbers.offset());
      out.writeInt(numbers.plane());
      out.writeInt(numbers.planes());
      out.writeUTF(numbers.arrangement().name());
    }
  }

  private static Payload readPayload(DataInput in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case BYTE_RANGE ->
          new ByteRange(
              readText(in), in.readLong(), in.readLong(), Arrangement.valueOf(in.readUTF()));
      case ZIP_ENTRY ->
          new ZipEntryRange(
              readText(in),
              readText(in),
              ZipMethod.valueOf(in.readUTF()),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              in.readLong(),
              Arrangement.valueOf(in.readUTF()));
      case PROTOBUF_FIELD ->
          new ProtobufField(
              readText(in),
              in.readLong(),
              in.readInt(),
              in.readInt(),
              FieldEncoding.valueOf(in.readUTF()));
      case QUANTIZED ->
          new Quantized(
              readText(in), in.readLong(), in.readLong(), Quantization.valueOf(in.readUTF()));
      case DECODED ->
          new Decoded(
              readText(in),
              Container.valueOf(in.readUTF()),
              in.readLong(),
              in.readInt(),
              in.readInt(),
              Arrangement.valueOf(in.readUTF()));
      default -> throw new IOException("unknown kind of payload " + kind);
    };
  }

  /** Writes a text of any length. */
  public static void writeText(String text, DataOutput out) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  /** Reads what {@link #writeText} wrote. */
  public static String readText(DataInput in) throws IOException {
    return new String(readBytes(in, in.readInt()), StandardCharsets.UTF_8);
  }

  /**
   * Reads bytes part by part, so that a wrong length claims no more memory than there are bytes.
   *
   * @throws IOException if the length is negative, or there are fewer
   */
  public static byte[] readBytes(DataInput in, int length) throws IOException {
    if (length < 0) {
      throw new IOException("a record states a length of " + length);
    }
    byte[] bytes = new byte[Math.min(length, FIRST_BYTES)];
    in.readFully(bytes);
    while (bytes.length < length) {
      int read = bytes.length;
      bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * read));
      in.readFully(bytes, read, bytes.length - read);
    }
    return bytes;
  }
}
