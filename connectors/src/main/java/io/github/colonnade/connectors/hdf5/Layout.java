package io.github.colonnade.connectors.hdf5;

import java.nio.ByteBuffer;

/** Where the elements of a data set are. */
sealed interface Layout {
  /**
   * In the object header itself.
   *
   * @param data the elements
   */
  record Compact(ByteBuffer data) implements Layout {}

  /**
   * In one piece.
   *
   * @param address of the first byte, or undefined if nothing was ever written
   */
  record Contiguous(long address) implements Layout {}

  /**
   * In chunks of equal shape, found through an index.
   *
   * @param dims dimensions of a chunk
   * @param index kind of the index
   * @param address of the index, or undefined if nothing was ever written
   * @param filteredBytes bytes of the one chunk of a {@link Index#SINGLE} index if it is filtered,
   *     or −1
   * @param mask of filters that were left out of that one chunk
   * @param plainEdges whether chunks that reach over the edge of the data set are not filtered
   */
  record Chunked(
      long[] dims, Index index, long address, long filteredBytes, int mask, boolean plainEdges)
      implements Layout {
    Chunked(long[] dims, Index index, long address) {
      this(dims, index, address, -1, 0, false);
    }
  }

  /** Kinds of indexes of chunks. */
  enum Index {
    BTREE_1,
    SINGLE,
    IMPLICIT,
    FIXED_ARRAY,
    EXTENSIBLE_ARRAY,
    BTREE_2
  }

  /** Reads a layout message. */
  static Layout read(Hdf5Input input, ByteBuffer message, int rank) {
    int version = message.get();
    return switch (version) {
      case 1, 2 -> old(input, message, rank);
      case 3, 4 -> {
        int kind = message.get();
        yield switch (kind) {
          case 0 -> {
            int size = message.getShort() & 0xffff;
            yield new Compact(message.slice(message.position(), size));
          }
          case 1 -> new Contiguous(input.offset(message));
          case 2 -> version == 3 ? chunked3(input, message, rank) : chunked4(input, message, rank);
          default ->
              throw input.error(
                  "a data set is virtual, made of others; give the files that it is made of");
        };
      }
      default ->
          throw input.error(
              "a data set has a layout of the unknown version " + version + "; write it again");
    };
  }

  private static Layout old(Hdf5Input input, ByteBuffer message, int rank) {
    int stated = message.get();
    int kind = message.get();
    Hdf5Input.skip(message, 5);
    long address = kind == 0 ? Hdf5Input.UNDEFINED : input.offset(message);
    long[] dims = new long[stated];
    for (int d = 0; d < stated; d++) {
      dims[d] = Hdf5Input.number(message, 4);
    }
    return switch (kind) {
      case 0 -> {
        int size = message.getInt();
        yield new Compact(message.slice(message.position(), size));
      }
      case 1 -> new Contiguous(address);
      default -> new Chunked(chunk(input, dims, rank), Index.BTREE_1, address);
    };
  }

  private static Layout chunked3(Hdf5Input input, ByteBuffer message, int rank) {
    int stated = message.get();
    long address = input.offset(message);
    long[] dims = new long[stated];
    for (int d = 0; d < stated; d++) {
      dims[d] = Hdf5Input.number(message, 4);
    }
    return new Chunked(chunk(input, dims, rank), Index.BTREE_1, address);
  }

  private static Layout chunked4(Hdf5Input input, ByteBuffer message, int rank) {
    int flags = message.get();
    int stated = message.get();
    int dimBytes = message.get();
    long[] dims = new long[stated];
    for (int d = 0; d < stated; d++) {
      dims[d] = Hdf5Input.number(message, dimBytes);
    }
    long[] chunk = chunk(input, dims, rank);
    long filteredBytes = -1;
    int mask = 0;
    int kind = message.get();
    Index index =
        switch (kind) {
          case 1 -> Index.SINGLE;
          case 2 -> Index.IMPLICIT;
          case 3 -> Index.FIXED_ARRAY;
          case 4 -> Index.EXTENSIBLE_ARRAY;
          case 5 -> Index.BTREE_2;
          default -> throw input.corrupt("a data set has an unknown index " + kind);
        };
    switch (index) {
      case SINGLE -> {
        if ((flags & 2) != 0) {
          filteredBytes = input.length(message);
          mask = message.getInt();
        }
      }
      case FIXED_ARRAY -> Hdf5Input.skip(message, 1);
      case EXTENSIBLE_ARRAY -> Hdf5Input.skip(message, 5);
      case BTREE_2 -> Hdf5Input.skip(message, 6);
      default -> {
        // Nothing before the address.
      }
    }
    boolean plainEdges = (flags & 1) != 0;
    return new Chunked(chunk, index, input.offset(message), filteredBytes, mask, plainEdges);
  }

  /** The dimensions of a chunk without the last that is stated, the element's size. */
  private static long[] chunk(Hdf5Input input, long[] stated, int rank) {
    if (stated.length != rank + 1 || rank == 0) {
      throw input.corrupt("the chunks of a data set have other dimensions than it has");
    }
    long[] dims = new long[rank];
    for (int d = 0; d < rank; d++) {
      dims[d] = stated[d];
      if (dims[d] < 1 || dims[d] > 1L << 32) {
        throw input.corrupt("the chunks of a data set have no extent");
      }
    }
    return dims;
  }
}
