package io.github.colonnade.connectors.hdf5;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** The filters that chunks went through, undone last first. */
final class Filters {
  private static final int DEFLATE = 1;
  private static final int SHUFFLE = 2;
  private static final int FLETCHER32 = 3;
  private static final int LZF = 32000;
  private static final int CHECKSUM_BYTES = 4;

  /** Most bytes that one stored byte can stand for. */
  private static final int MAX_DEFLATE_RATIO = 1032;

  private static final int MAX_LZF_RATIO = 132;
  private static final long MAX_RATIO = (long) MAX_DEFLATE_RATIO * MAX_DEFLATE_RATIO;

  private record Filter(int id, int value) {}

  private final Hdf5Input input;
  private final List<Filter> filters = new ArrayList<>();

  private Filters(Hdf5Input input) {
    this.input = input;
  }

  static Filters none(Hdf5Input input) {
    return new Filters(input);
  }

  /** Reads a filter pipeline message. */
  static Filters read(Hdf5Input input, ByteBuffer message) {
    Filters filters = new Filters(input);
    int version = message.get();
    int count = message.get();
    Hdf5Input.skip(message, version == 1 ? 6 : 0);
    for (int i = 0; i < count; i++) {
      int id = message.getShort() & 0xffff;
      int nameBytes = version == 1 || id >= 256 ? message.getShort() & 0xffff : 0;
      Hdf5Input.skip(message, 2);
      int values = message.getShort() & 0xffff;
      Hdf5Input.skip(message, version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes);
      int first = 0;
      for (int v = 0; v < values; v++) {
        int value = message.getInt();
        first = v == 0 ? value : first;
      }
      Hdf5Input.skip(message, version == 1 && values % 2 == 1 ? 4 : 0);
      if (id != DEFLATE && id != SHUFFLE && id != FLETCHER32 && id != LZF) {
        throw input.error(
            "a data set is compressed with the filter "
                + id
                + ", which is not read; write it with gzip, lzf or none, as with h5repack -f GZIP=4");
      }
      filters.filters.add(new Filter(id, first));
    }
    return filters;
  }

  boolean isEmpty() {
    return filters.isEmpty();
  }

  /** Most bytes that one stored byte can stand for. */
  long maxRatio() {
    long ratio = 1;
    for (Filter filter : filters) {
      int own = filter.id() == DEFLATE ? MAX_DEFLATE_RATIO : filter.id() == LZF ? MAX_LZF_RATIO : 1;
      ratio = Math.min(ratio * own, MAX_RATIO);
    }
    return ratio;
  }

  /**
   * Undoes the filters.
   *
   * @param stored the chunk as it lies in the file; may be modified
   * @param mask whose bit i says that filter i was left out
   * @param size bytes of the chunk without filters, known to be within {@link #maxRatio()}
   */
  byte[] decode(byte[] stored, int mask, int size) {
    byte[] bytes = stored;
    for (int i = filters.size() - 1; i >= 0; i--) {
      Filter filter = filters.get(i);
      if (i < Integer.SIZE && (mask >> i & 1) != 0) {
        continue;
      }
      // A checksum that was put on before a compression is part of what comes out of it.
      int most = size + CHECKSUM_BYTES * i;
      bytes =
          switch (filter.id()) {
            case DEFLATE -> inflate(bytes, most);
            case SHUFFLE -> unshuffle(bytes, filter.value());
            case FLETCHER32 -> withoutChecksum(bytes);
            default -> expand(bytes, most);
          };
    }
    if (bytes.length != size) {
      throw input.corrupt("a chunk has " + bytes.length + " bytes and not " + size);
    }
    return bytes;
  }

  private byte[] inflate(byte[] deflated, int most) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(deflated);
      byte[] bytes = new byte[most];
      int length = 0;
      while (!inflater.finished() && length < most) {
        int got = inflater.inflate(bytes, length, most - length);
        if (got == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          throw input.corrupt("a chunk cannot be inflated");
        }
        length += got;
      }
      if (!inflater.finished() && inflater.inflate(new byte[1]) > 0) {
        throw input.corrupt("a chunk is larger than its shape");
      }
      return length == most ? bytes : Arrays.copyOf(bytes, length);
    } catch (DataFormatException e) {
      throw input.corrupt("a chunk cannot be inflated");
    } finally {
      inflater.end();
    }
  }

  private byte[] unshuffle(byte[] bytes, int elementBytes) {
    if (elementBytes < 1 || elementBytes > bytes.length) {
      return bytes;
    }
    int count = bytes.length / elementBytes;
    byte[] result = new byte[bytes.length];
    for (int b = 0; b < elementBytes; b++) {
      for (int i = 0; i < count; i++) {
        result[i * elementBytes + b] = bytes[b * count + i];
      }
    }
    int done = count * elementBytes;
    System.arraycopy(bytes, done, result, done, bytes.length - done);
    return result;
  }

  private byte[] withoutChecksum(byte[] bytes) {
    int length = bytes.length - CHECKSUM_BYTES;
    if (length < 0) {
      throw input.corrupt("a chunk is shorter than its checksum");
    }
    int stored = (int) Hdf5Input.number(ByteBuffer.wrap(bytes, length, CHECKSUM_BYTES), 4);
    if (stored != fletcher32(bytes, length)) {
      throw input.corrupt("the checksum of a chunk does not match");
    }
    return Arrays.copyOf(bytes, length);
  }

  /**
   * Sums of big-endian 16-bit words and of these sums, modulo 65535, where 65535 stands for a
   * multiple that is not zero.
   */
  private static int fletcher32(byte[] bytes, int length) {
    long first = 0;
    long second = 0;
    for (int i = 0; i < length; i += 2) {
      int low = i + 1 < length ? bytes[i + 1] & 0xff : 0;
      first = folded(first + ((bytes[i] & 0xff) << 8 | low));
      second = folded(second + first);
    }
    return (int) (second << 16 | first);
  }

  private static long folded(long sum) {
    return sum > 0xffff ? sum - 0xffff : sum;
  }

  /** LZF: runs of bytes as they are, and copies of what came before. */
  private byte[] expand(byte[] packed, int most) {
    byte[] bytes = new byte[most];
    int length = 0;
    int at = 0;
    while (at < packed.length) {
      int control = packed[at++] & 0xff;
      if (control < 32) {
        int run = control + 1;
        if (run > packed.length - at || run > most - length) {
          throw input.corrupt("a chunk cannot be expanded");
        }
        System.arraycopy(packed, at, bytes, length, run);
        at += run;
        length += run;
      } else {
        int run = control >> 5;
        if (at + (run == 7 ? 2 : 1) > packed.length) {
          throw input.corrupt("a chunk cannot be expanded");
        }
        if (run == 7) {
          run += packed[at++] & 0xff;
        }
        int from = length - ((control & 31) << 8 | (packed[at++] & 0xff)) - 1;
        if (from < 0 || run + 2 > most - length) {
          throw input.corrupt("a chunk cannot be expanded");
        }
        for (int i = 0; i < run + 2; i++) {
          bytes[length++] = bytes[from++];
        }
      }
    }
    return length == most ? bytes : Arrays.copyOf(bytes, length);
  }
}
