package io.github.colonnade.connectors.tensor;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.github.colonnade.connectors.io.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/**
 * The elements of a repeated protobuf field as canonical payload bytes, whether the field is
 * packed, unpacked, or both by turns. A number that does not fit the tensor's type is an error.
 */
final class ProtobufFieldInputStream extends InputStream {
  private static final int BUFFER_BYTES = 1 << 13;

  private final InputStream message;
  private final CodedInputStream in;
  private final TensorInfo tensor;
  private final Payload.ProtobufField field;
  private final int elementBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private int outerLimit = -1;

  ProtobufFieldInputStream(InputStream message, TensorInfo tensor, Payload.ProtobufField field) {
    this.message = message;
    this.in = CodedInputStream.newInstance(message, 1 << 16);
    this.tensor = tensor;
    this.field = field;
    // Complex numbers come as two floats; each is an element of the field.
    this.elementBytes =
        field.encoding() == Payload.FieldEncoding.FIXED32 ? 4 : tensor.dtype().sizeBytes();
  }

  @Override
  public int read() throws IOException {
    return fill() ? buffer[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(buffer, position, target, offset, count);
    position += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    message.close();
  }

  private boolean fill() throws IOException {
    if (position < limit) {
      return true;
    }
    position = 0;
    limit = 0;
    try {
      while (limit + Long.BYTES <= BUFFER_BYTES && nextElement()) {
        put(element());
      }
    } catch (InvalidProtocolBufferException e) {
      throw corrupt("its data is not valid protobuf (" + e.getMessage() + ")").causedBy(e);
    }
    return limit > 0;
  }

  /** Moves to the next element; false at the end of the message. */
  private boolean nextElement() throws IOException {
    while (true) {
      if (outerLimit >= 0) {
        if (in.getBytesUntilLimit() > 0) {
          return true;
        }
        in.popLimit(outerLimit);
        outerLimit = -1;
      }
      int tag = in.readTag();
      if (tag == 0) {
        return false;
      }
      if (WireFormat.getTagFieldNumber(tag) != field.field()) {
        in.skipField(tag);
      } else if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        outerLimit = in.pushLimit(in.readRawVarint32());
      } else {
        return true;
      }
    }
  }

  private long element() throws IOException {
    return switch (field.encoding()) {
      case VARINT -> in.readRawVarint64();
      case FIXED32 -> in.readRawLittleEndian32();
      case FIXED64 -> in.readRawLittleEndian64();
    };
  }

  private void put(long value) {
    if (field.encoding() == Payload.FieldEncoding.VARINT && elementBytes < Long.BYTES) {
      long beyond = value >> (elementBytes * 8);
      if (beyond != 0 && beyond != -1) {
        throw corrupt("it has the number " + value + ", too large for " + tensor.dtype());
      }
    }
    for (int b = 0; b < elementBytes; b++) {
      buffer[limit++] = (byte) (value >>> (8 * b));
    }
  }

  private FormatException corrupt(String what) {
    return FormatException.of(
        tensor.source(), tensor.name(), what + "; the file is corrupt, get it again");
  }
}
