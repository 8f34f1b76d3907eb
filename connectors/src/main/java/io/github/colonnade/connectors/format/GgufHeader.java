package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Quantization;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the header of a GGUF file, front to back: counts, metadata (of which only the alignment
 * matters here), and what and where each tensor is. Every length is compared with what is left of
 * the file before anything follows it.
 */
final class GgufHeader {
  private static final int MAGIC = 0x46554747;
  private static final int MAX_NAME_BYTES = 1 << 16;
  private static final int MAX_NESTING = 8;
  private static final long DEFAULT_ALIGNMENT = 32;
  private static final String ALIGNMENT_KEY = "general.alignment";

  private static final int UINT32 = 4;
  private static final int STRING = 8;
  private static final int ARRAY = 9;

  /** Bytes of a metadata value by its type; strings and arrays have none of their own. */
  private static final int[] VALUE_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

  private final String source;
  private final InputStream in;
  private final long fileBytes;
  private final byte[] number = new byte[Long.BYTES];
  private long position;

  /** A tensor of which the data's start is not known yet. */
  private record Entry(String name, Shape shape, int type, long offset) {}

  GgufHeader(String source, InputStream in, long fileBytes) {
    this.source = source;
    this.in = in;
    this.fileBytes = fileBytes;
  }

  /**
   * The tensors in the order of their data.
   *
   * @throws FormatException if the file is not sound, or has a tensor of a type that is not read
   */
  List<TensorInfo> read() throws IOException {
    if (readInt() != MAGIC) {
      throw error("it does not begin as a GGUF file does; get the file again");
    }
    int version = readInt();
    if (version < 2 || version > 3) {
      throw error(
          "its GGUF version "
              + (version == Integer.reverseBytes(3)
                  ? "is big-endian, which is"
                  : Integer.toUnsignedString(version) + " is")
              + " not read; convert it to version 3, little-endian");
    }
    long tensorCount = readLong();
    long alignment = metadata(readLong());
    // Loops end with the file: whatever the count is, each round takes some of its bytes.
    List<Entry> entries = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (long i = 0; Long.compareUnsigned(i, tensorCount) < 0; i++) {
      Entry entry = entry();
      if (!names.add(entry.name())) {
        throw FormatException.of(
            source, entry.name(), "two tensors have this name; the file is corrupt");
      }
      entries.add(entry);
    }
    long dataStart = (position + alignment - 1) / alignment * alignment;
    entries.sort(Comparator.comparingLong(Entry::offset));
    List<TensorInfo> tensors = new ArrayList<>(entries.size());
    long free = 0;
    for (Entry entry : entries) {
      TensorInfo tensor = tensor(entry, dataStart);
      long bytes = bytes(tensor.payload());
      if (bytes > 0 && entry.offset() < free) {
        throw FormatException.of(
            source, entry.name(), "its data overlaps that of another tensor; the file is corrupt");
      }
      free = Math.max(free, entry.offset() + bytes);
      tensors.add(tensor);
    }
    return tensors;
  }

  /** Passes over the metadata and returns the alignment of the data. */
  private long metadata(long count) throws IOException {
    long alignment = DEFAULT_ALIGNMENT;
    for (long i = 0; Long.compareUnsigned(i, count) < 0; i++) {
      String key = text("the key of its metadata");
      int type = readInt();
      if (key.equals(ALIGNMENT_KEY) && type == UINT32) {
        alignment = Integer.toUnsignedLong(readInt());
        if (alignment == 0 || alignment > fileBytes) {
          throw error("its alignment is " + alignment + "; the file is corrupt");
        }
      } else {
        skipValue(type, 0);
      }
    }
    return alignment;
  }

  private void skipValue(int type, int depth) throws IOException {
    if (type < 0 || type >= VALUE_BYTES.length || depth > MAX_NESTING) {
      throw error("its metadata has a value of an unknown type; the file is corrupt");
    }
    if (type == STRING) {
      skip(readLong());
    } else if (type == ARRAY) {
      int elementType = readInt();
      long count = readLong();
      if (elementType == STRING || elementType == ARRAY) {
        for (long i = 0; Long.compareUnsigned(i, count) < 0; i++) {
          skipValue(elementType, depth + 1);
        }
      } else if (elementType < 0 || elementType >= VALUE_BYTES.length) {
        throw error("its metadata has a value of an unknown type; the file is corrupt");
      } else if (count < 0 || count > fileBytes) {
        throw truncated();
      } else {
        skip(count * VALUE_BYTES[elementType]);
      }
    } else {
      skip(VALUE_BYTES[type]);
    }
  }

  private Entry entry() throws IOException {
    String name = text("the name of a tensor");
    int rank = readInt();
    if (rank < 0 || rank > Shape.MAX_RANK) {
      throw FormatException.of(
          source,
          name,
          "it claims "
              + Integer.toUnsignedString(rank)
              + " dimensions, more than "
              + Shape.MAX_RANK
              + "; the file is corrupt");
    }
    // The file has the innermost dimension first.
    long[] dims = new long[rank];
    for (int d = rank - 1; d >= 0; d--) {
      dims[d] = readLong();
    }
    int type = readInt();
    long offset = readLong();
    try {
      return new Entry(name, Shape.of(dims), type, offset);
    } catch (IllegalArgumentException e) {
      throw FormatException.of(source, name, e.getMessage() + "; the file is corrupt").causedBy(e);
    }
  }

  private TensorInfo tensor(Entry entry, long dataStart) {
    if (entry.offset() < 0 || entry.offset() > fileBytes - dataStart) {
      throw beyondEnd(entry.name());
    }
    long start = dataStart + entry.offset();
    try {
      TensorInfo tensor = plain(entry, start);
      if (bytes(tensor.payload()) > fileBytes - start) {
        throw beyondEnd(entry.name());
      }
      return tensor;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw FormatException.of(source, entry.name(), e.getMessage() + "; the file is corrupt")
          .causedBy(e);
    }
  }

  private TensorInfo plain(Entry entry, long start) {
    return switch (entry.type()) {
      case 0 -> plain(entry, start, DType.F32);
      case 1 -> plain(entry, start, DType.F16);
      case 2 -> quantized(entry, start, Quantization.Q4_0);
      case 3 -> quantized(entry, start, Quantization.Q4_1);
      case 6 -> quantized(entry, start, Quantization.Q5_0);
      case 7 -> quantized(entry, start, Quantization.Q5_1);
      case 8 -> quantized(entry, start, Quantization.Q8_0);
      case 12 -> quantized(entry, start, Quantization.Q4_K);
      case 13 -> quantized(entry, start, Quantization.Q5_K);
      case 14 -> quantized(entry, start, Quantization.Q6_K);
      case 24 -> plain(entry, start, DType.I8);
      case 25 -> plain(entry, start, DType.I16);
      case 26 -> plain(entry, start, DType.I32);
      case 27 -> plain(entry, start, DType.I64);
      case 28 -> plain(entry, start, DType.F64);
      case 30 -> plain(entry, start, DType.BF16);
      default ->
          throw FormatException.of(
              source,
              entry.name(),
              "its ggml type "
                  + Integer.toUnsignedString(entry.type())
                  + " is not read; convert the model to F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0,"
                  + " Q5_1, Q4_K, Q5_K or Q6_K");
    };
  }

  private TensorInfo plain(Entry entry, long start, DType dtype) {
    long bytes = dtype.payloadBytes(entry.shape().elements());
    return new TensorInfo(
        source,
        entry.name(),
        dtype,
        entry.shape(),
        new Payload.ByteRange(source, start, bytes, Arrangement.CANONICAL));
  }

  private TensorInfo quantized(Entry entry, long start, Quantization quantization) {
    Shape shape = entry.shape();
    int block = quantization.blockElements();
    if (shape.rank() == 0 || shape.dim(shape.rank() - 1) % block != 0) {
      throw FormatException.of(
          source,
          entry.name(),
          "rows of shape "
              + shape
              + " are not whole blocks of "
              + block
              + " numbers as "
              + quantization
              + " needs; the file is corrupt");
    }
    long bytes = Math.multiplyExact(shape.elements() / block, quantization.blockBytes());
    return new TensorInfo(
        source,
        entry.name(),
        DType.F32,
        shape,
        new Payload.Quantized(source, start, bytes, quantization));
  }

  private static long bytes(Payload payload) {
    return payload instanceof Payload.Quantized range
        ? range.length()
        : ((Payload.ByteRange) payload).length();
  }

  private String text(String what) throws IOException {
    long length = readLong();
    if (length < 0 || length > fileBytes - position) {
      throw truncated();
    }
    if (length > MAX_NAME_BYTES) {
      throw error(what + " has " + length + " bytes; the file is corrupt");
    }
    byte[] bytes = in.readNBytes((int) length);
    position += bytes.length;
    if (bytes.length < length) {
      throw truncated();
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw error(what + " is no UTF-8 text; the file is corrupt").causedBy(e);
    }
  }

  private void skip(long count) throws IOException {
    if (count < 0 || count > fileBytes - position) {
      throw truncated();
    }
    in.skipNBytes(count);
    position += count;
  }

  private int readInt() throws IOException {
    return (int) readNumber(Integer.BYTES);
  }

  private long readLong() throws IOException {
    return readNumber(Long.BYTES);
  }

  private long readNumber(int bytes) throws IOException {
    if (in.readNBytes(number, 0, bytes) < bytes) {
      throw truncated();
    }
    position += bytes;
    ByteBuffer buffer = ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN);
    return bytes == Long.BYTES ? buffer.getLong() : buffer.getInt();
  }

  private FormatException beyondEnd(String name) {
    return FormatException.of(
        source, name, "its data reaches beyond the end of the file; it is truncated, get it again");
  }

  private FormatException truncated() {
    return error("its header is cut off or corrupt; get the file again");
  }

  private FormatException error(String reason) {
    return FormatException.of(source, reason);
  }
}
