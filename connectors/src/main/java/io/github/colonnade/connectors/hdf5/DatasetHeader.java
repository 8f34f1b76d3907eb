package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * What the object header of a data set says.
 *
 * @param type of an element
 * @param dims dimensions, of which the last moves fastest
 * @param maxDims to which those may grow; −1 is without end
 * @param layout where the elements are
 * @param filters of chunks
 * @param fillValue of elements that were never written; as long as an element
 */
record DatasetHeader(
    Hdf5Type type, long[] dims, long[] maxDims, Layout layout, Filters filters, byte[] fillValue) {
  private static final int MAX_RANK = 32;

  /** Whether an object is a data set. */
  static boolean isDataset(ObjectHeader header) {
    return header.has(ObjectHeader.DATASPACE) && header.has(ObjectHeader.DATATYPE);
  }

  /** Reads the header of a data set of numbers. */
  static DatasetHeader read(Hdf5Input input, ObjectHeader header, Hdf5Type type)
      throws IOException {
    if (header.has(ObjectHeader.EXTERNAL_FILES)) {
      throw input.error("a data set has its numbers in another file; write it again with them");
    }
    ByteBuffer space = required(input, header, ObjectHeader.DATASPACE);
    int version = space.get();
    int rank = space.get() & 0xff;
    int flags = space.get();
    boolean none = version == 2 && space.get() == 2;
    Hdf5Input.skip(space, version == 1 ? 5 : 0);
    if (version < 1 || version > 2 || rank > MAX_RANK) {
      throw input.corrupt("a data set has dimensions that are not sound");
    }
    long[] dims = none ? new long[] {0} : lengths(input, space, rank);
    long[] maxDims = (flags & 1) != 0 && !none ? lengths(input, space, rank) : dims.clone();
    ByteBuffer layout = required(input, header, ObjectHeader.LAYOUT);
    Filters filters = Filters.none(input);
    ByteBuffer pipeline = header.first(ObjectHeader.FILTERS).orElse(null);
    if (pipeline != null) {
      filters = Filters.read(input, pipeline);
    }
    return new DatasetHeader(
        type,
        dims,
        maxDims,
        Layout.read(input, layout, dims.length),
        filters,
        fillValue(header, type));
  }

  private static ByteBuffer required(Hdf5Input input, ObjectHeader header, int type) {
    return header
        .first(type)
        .orElseThrow(() -> input.corrupt("a data set has no message of type " + type));
  }

  private static long[] lengths(Hdf5Input input, ByteBuffer space, int rank) {
    long[] lengths = new long[rank];
    for (int d = 0; d < rank; d++) {
      lengths[d] = input.length(space);
    }
    return lengths;
  }

  private static byte[] fillValue(ObjectHeader header, Hdf5Type type) {
    byte[] zero = new byte[type.elementBytes()];
    ByteBuffer message = header.first(ObjectHeader.FILL_VALUE).orElse(null);
    if (message == null) {
      ByteBuffer old = header.first(ObjectHeader.OLD_FILL_VALUE).orElse(null);
      return old == null ? zero : value(old, zero);
    }
    int version = message.get();
    if (version == 3) {
      return (message.get() & 0x20) != 0 ? value(message, zero) : zero;
    }
    Hdf5Input.skip(message, 2);
    boolean defined = message.get() != 0;
    return defined || version == 1 ? value(message, zero) : zero;
  }

  private static byte[] value(ByteBuffer message, byte[] zero) {
    if (message.remaining() < 4 || message.getInt() != zero.length) {
      return zero;
    }
    byte[] value = zero.clone();
    message.get(value);
    return value;
  }

  /** Number of elements. */
  long elements() {
    return Arrays.stream(dims).reduce(1, Math::multiplyExact);
  }

  /** Bytes of all elements. */
  long sizeBytes() {
    return Math.multiplyExact(elements(), type.elementBytes());
  }
}
