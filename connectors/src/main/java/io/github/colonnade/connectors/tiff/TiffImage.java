package io.github.colonnade.connectors.tiff;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One image of a file.
 *
 * @param offset of its directory
 * @param width columns of pixels
 * @param height rows of pixels
 * @param bands numbers of a pixel
 * @param bytes of a number
 * @param kind of a number
 * @param separate whether each band has chunks of its own
 * @param compression by its number in the specification
 * @param predictor by its number in the specification
 * @param chunkWidth columns of a chunk: a tile, or a strip over all columns
 * @param chunkHeight rows of a chunk
 * @param tiled whether chunks at the edges have their full size
 * @param offsets of the chunks
 * @param byteCounts of the chunks
 * @param blank whether parts that were never written stand for another value than 0
 * @param plain where the numbers lie in the file, if they are those of one band and do so as they
 *     are decoded
 */
public record TiffImage(
    long offset,
    int width,
    int height,
    int bands,
    int bytes,
    Kind kind,
    boolean separate,
    int compression,
    int predictor,
    int chunkWidth,
    int chunkHeight,
    boolean tiled,
    long[] offsets,
    long[] byteCounts,
    boolean blank,
    OptionalLong plain) {

  /** What a number is. */
  public enum Kind {
    /** Unsigned integer. */
    UNSIGNED,
    /** Signed integer. */
    SIGNED,
    /** IEEE 754 float. */
    FLOAT
  }

  static final int NONE = 1;
  static final int LZW = 5;
  static final int DEFLATE = 8;
  static final int PACKBITS = 32773;
  static final int OLD_DEFLATE = 32946;

  static final int DIFFERENCES = 2;
  static final int FLOAT_DIFFERENCES = 3;

  private static final int REDUCED_OR_MASK = 1 | 4;
  private static final int ASCII = 2;

  /** Of GDAL: the number that stands where there is no data, as text. */
  private static final int GDAL_NODATA = 42113;

  private static final int MAX_CHUNKS = 1 << 26;
  static final int MAX_BANDS = 1 << 16;

  /** Bytes of values by their type. */
  private static final int[] VALUE_BYTES = {
    0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8
  };

  /** A directory of a file, and where the next is. */
  record Directory(Map<Integer, long[]> values, long next) {
    long first(int tag, long otherwise) {
      long[] found = values.get(tag);
      return found == null || found.length == 0 ? otherwise : found[0];
    }
  }

  /** Reads the values of a directory that are whole numbers. */
  static Directory directory(TiffInput input, long offset) throws IOException {
    int countBytes = input.isBig() ? 8 : 2;
    int entryBytes = input.isBig() ? 20 : 12;
    ByteBuffer head = input.structure(offset, countBytes);
    long count = input.isBig() ? head.getLong() : head.getShort() & 0xffff;
    if (count < 0 || count > 0xffff) {
      throw input.corrupt("a directory has " + count + " entries");
    }
    ByteBuffer entries =
        input.structure(offset + countBytes, count * entryBytes + (input.isBig() ? 8 : 4));
    Map<Integer, long[]> values = new HashMap<>();
    for (int i = 0; i < count; i++) {
      entries.position(i * entryBytes);
      int tag = entries.getShort() & 0xffff;
      int type = entries.getShort() & 0xffff;
      if (isWanted(tag) && values.put(tag, values(input, entries, tag, type)) != null) {
        throw input.corrupt("a directory has two entries " + tag);
      }
    }
    entries.position((int) count * entryBytes);
    long next = input.isBig() ? entries.getLong() : entries.getInt() & 0xffffffffL;
    return new Directory(values, next);
  }

  private static boolean isWanted(int tag) {
    return (tag >= 254 && tag <= 284)
        || tag == 317
        || (tag >= 322 && tag <= 325)
        || tag == 339
        || tag == GDAL_NODATA;
  }

  private static long[] values(TiffInput input, ByteBuffer entry, int tag, int type)
      throws IOException {
    long count = input.isBig() ? entry.getLong() : entry.getInt() & 0xffffffffL;
    int size = type < VALUE_BYTES.length ? VALUE_BYTES[type] : 0;
    boolean whole =
        type == 1
            || type == 3
            || type == 4
            || type == 16
            || type == 13
            || type == 18
            || (type == ASCII && tag == GDAL_NODATA);
    if (size == 0 || !whole) {
      return new long[0];
    }
    if (count < 0 || count > MAX_CHUNKS) {
      throw input.corrupt("a directory has an entry of " + count + " values");
    }
    int inline = input.isBig() ? 8 : 4;
    ByteBuffer bytes = entry;
    if (count * size > inline) {
      long offset = input.isBig() ? entry.getLong() : entry.getInt() & 0xffffffffL;
      bytes = input.structure(offset, count * size);
    }
    long[] values = new long[(int) count];
    for (int i = 0; i < count; i++) {
      values[i] =
          switch (size) {
            case 1 -> bytes.get() & 0xff;
            case 2 -> bytes.getShort() & 0xffff;
            case 4 -> bytes.getInt() & 0xffffffffL;
            default -> bytes.getLong();
          };
    }
    return values;
  }

  /** Whether a directory is of a smaller copy of another image, or of a mask. */
  static boolean isExtra(Directory directory) {
    return (directory.first(254, 0) & REDUCED_OR_MASK) != 0;
  }

  /** The image of a directory. */
  static TiffImage of(TiffInput input, long offset, Directory directory) {
    int width = size(input, directory.first(256, 0));
    int height = size(input, directory.first(257, 0));
    long bands = directory.first(277, 1);
    long[] bits = directory.values().getOrDefault(258, new long[] {1});
    long[] formats = directory.values().getOrDefault(339, new long[] {1});
    if (bands < 1 || bands > MAX_BANDS || bits.length == 0 || formats.length == 0) {
      throw input.corrupt("an image has " + bands + " bands");
    }
    long format = formats[0];
    if (Arrays.stream(bits).anyMatch(each -> each != bits[0])
        || Arrays.stream(formats).anyMatch(each -> each != format)
        || format < 1
        || format > 3
        || (bits[0] != 8 && bits[0] != 16 && bits[0] != 32 && bits[0] != 64)
        || (format == 3 ? bits[0] == 8 : bits[0] == 64)
        || directory.first(266, 1) != 1) {
      throw input.error(
          "an image has numbers of a kind that is not read; write it with integers of 8, 16 or 32"
              + " bits or floats");
    }
    int compression = (int) directory.first(259, NONE);
    if (compression != NONE
        && compression != LZW
        && compression != DEFLATE
        && compression != OLD_DEFLATE
        && compression != PACKBITS) {
      throw input.error(
          "an image has the compression "
              + compression
              + ", which is not read; write it with deflate, LZW, PackBits or none, as with"
              + " gdal_translate -co COMPRESS=DEFLATE");
    }
    boolean tiled = directory.values().containsKey(324);
    long rows = directory.first(278, height);
    return new TiffImage(
        offset,
        width,
        height,
        (int) bands,
        (int) bits[0] / 8,
        format == 3 ? Kind.FLOAT : format == 2 ? Kind.SIGNED : Kind.UNSIGNED,
        directory.first(284, 1) == 2,
        compression,
        (int) directory.first(317, 1),
        tiled ? size(input, directory.first(322, 0)) : width,
        tiled ? size(input, directory.first(323, 0)) : size(input, Math.min(rows, height)),
        tiled,
        directory.values().getOrDefault(tiled ? 324 : 273, new long[0]),
        directory.values().getOrDefault(tiled ? 325 : 279, new long[0]),
        isBlank(directory.values().get(GDAL_NODATA)),
        OptionalLong.empty());
  }

  /** Whether a text is there and another number than 0. */
  private static boolean isBlank(long @Nullable [] text) {
    if (text == null) {
      return false;
    }
    StringBuilder number = new StringBuilder();
    for (long c : text) {
      number.append((char) c);
    }
    return !number.toString().trim().matches("[+-]?0*(\\.0*)?([eE][+-]?[0-9]+)?");
  }

  private static int size(TiffInput input, long size) {
    if (size < 1 || size > Integer.MAX_VALUE) {
      throw input.corrupt("an image or a part of it has a side of " + size + " pixels");
    }
    return (int) size;
  }

  /** Chunks from left to right. */
  int across() {
    return (width - 1) / chunkWidth + 1;
  }

  /** Chunks from top to bottom. */
  int down() {
    return (height - 1) / chunkHeight + 1;
  }

  /** Samples of each pixel of a chunk. */
  int samples() {
    return separate ? 1 : bands;
  }

  /** Rows of the chunks of a row of chunks. */
  int chunkHeight(int chunkRow) {
    return tiled
        ? chunkHeight
        : (int) Math.min(chunkHeight, height - (long) chunkRow * chunkHeight);
  }

  /** Bytes of each chunk of a row of chunks, decompressed. */
  long chunkBytes(int chunkRow) {
    return Math.multiplyExact((long) chunkHeight(chunkRow) * chunkWidth, (long) samples() * bytes);
  }

  /** Bytes of a number once it is read: integers become floats that hold them exactly. */
  public int decodedBytes() {
    return kind == Kind.FLOAT ? bytes : bytes < 4 ? Float.BYTES : Double.BYTES;
  }

  /** Most bytes of a chunk that one stored byte can stand for. */
  long maxRatio() {
    return switch (compression) {
      case NONE -> 1;
      case PACKBITS -> 64;
      case LZW -> 1400;
      default -> 1032;
    };
  }

  /** Where the numbers lie, if all do so one after another, as they are decoded. */
  private OptionalLong plainOffset(TiffInput input) {
    if (compression != NONE
        || predictor != 1
        || kind != Kind.FLOAT
        || bands != 1
        || tiled
        || input.order() != ByteOrder.LITTLE_ENDIAN) {
      return OptionalLong.empty();
    }
    long at = offsets[0];
    if (at < 0) {
      return OptionalLong.empty();
    }
    for (int chunk = 0; chunk < down(); chunk++) {
      long size = chunkBytes(chunk);
      if (offsets[chunk] != at || byteCounts[chunk] != size || size > input.fileBytes() - at) {
        return OptionalLong.empty();
      }
      at += size;
    }
    return OptionalLong.of(offsets[0]);
  }

  /** The image without the places of its chunks, which may be many. It must have been checked. */
  TiffImage withoutChunks(TiffInput input) {
    return new TiffImage(
        offset,
        width,
        height,
        bands,
        bytes,
        kind,
        separate,
        compression,
        predictor,
        chunkWidth,
        chunkHeight,
        tiled,
        new long[0],
        new long[0],
        blank,
        plainOffset(input));
  }

  /**
   * Checks that the file can hold what the image claims.
   *
   * @return bytes that it claims beyond what its parts can hold, as they were never written
   */
  long check(TiffInput input) {
    long chunks = Math.multiplyExact((long) across() * down(), separate ? bands : 1);
    if (offsets.length < chunks || byteCounts.length < chunks) {
      throw input.corrupt("an image has fewer parts than its size takes");
    }
    for (int chunk = 0; blank && chunk < chunks; chunk++) {
      if (byteCounts[chunk] == 0) {
        throw input.error(
            "an image has parts that were never written, and another value than 0 for what has no"
                + " data; write it with all its parts, as with gdal_translate -co SPARSE_OK=FALSE");
      }
    }
    long held = 0;
    for (long bytesOfChunk : byteCounts) {
      held += Math.max(0, Math.min(bytesOfChunk, input.fileBytes())) * maxRatio();
    }
    long size = Math.multiplyExact(Math.multiplyExact((long) width * height, bands), bytes);
    if (size - held > input.fileBytes() + TiffFile.MAX_UNWRITTEN_BYTES) {
      throw input.corrupt("an image claims " + size + " bytes, more than its parts can hold");
    }
    for (int chunk = 0; chunk < chunks; chunk++) {
      long part = chunkBytes(chunk / across() % down());
      long stored = byteCounts[chunk];
      if (stored != 0 && part / maxRatio() > stored) {
        throw input.corrupt("a part of an image of " + part + " bytes is said to be in " + stored);
      }
    }
    return Math.max(0, size - held);
  }
}
