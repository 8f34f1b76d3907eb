package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The chunks of a data set by their number in the grid: of its coordinates, the first moves
 * slowest. Chunks that were never written are not there.
 */
final class ChunkIndex {
  private static final int UNFILTERED = 10;
  private static final int FILTERED = 11;
  private static final int ALL_FILTERS = -1;

  /**
   * Where a chunk is.
   *
   * @param address first byte
   * @param bytes bytes in the file
   * @param mask of filters that were left out
   */
  record Chunk(long address, long bytes, int mask) {}

  private final Hdf5Input input;
  private final DatasetHeader dataset;
  private final Layout.Chunked layout;
  private final long[] chunkDims;
  private final long[] grid;
  private final Map<Long, Chunk> chunks = new HashMap<>();

  private ChunkIndex(Hdf5Input input, DatasetHeader dataset, Layout.Chunked layout) {
    this.input = input;
    this.dataset = dataset;
    this.layout = layout;
    this.chunkDims = layout.dims();
    this.grid = grid(dataset.dims(), chunkDims);
  }

  private static long[] grid(long[] dims, long[] chunkDims) {
    long[] grid = new long[dims.length];
    for (int d = 0; d < dims.length; d++) {
      grid[d] = dims[d] == 0 ? 0 : (dims[d] - 1) / chunkDims[d] + 1;
    }
    return grid;
  }

  static ChunkIndex read(Hdf5Input input, DatasetHeader dataset, Layout.Chunked layout)
      throws IOException {
    ChunkIndex index = new ChunkIndex(input, dataset, layout);
    if (layout.address() != Hdf5Input.UNDEFINED && dataset.elements() > 0) {
      switch (layout.index()) {
        case BTREE_1 -> index.readBTree1(layout.address());
        case SINGLE -> index.readSingle();
        case IMPLICIT -> index.readImplicit(layout.address());
        case FIXED_ARRAY -> index.readFixedArray(layout.address());
        case EXTENSIBLE_ARRAY -> new ExtensibleArray(input, index, layout.address()).read();
        case BTREE_2 -> index.readBTree2(layout.address());
      }
    }
    return index;
  }

  Optional<Chunk> get(long number) {
    return Optional.ofNullable(chunks.get(number));
  }

  Collection<Chunk> all() {
    return chunks.values();
  }

  long[] grid() {
    return grid.clone();
  }

  long[] chunkDims() {
    return chunkDims.clone();
  }

  /** Bytes of a chunk without filters. */
  long chunkBytes() {
    long bytes = dataset.type().elementBytes();
    for (long dim : chunkDims) {
      bytes = Math.multiplyExact(bytes, dim);
    }
    return bytes;
  }

  /** Chunks along each dimension when the data set has grown as far as it may. */
  private long[] mostChunks() {
    long[] most = grid(dataset.maxDims(), chunkDims);
    for (int d = 0; d < most.length; d++) {
      most[d] = dataset.maxDims()[d] == Hdf5Input.UNDEFINED ? Hdf5Input.UNDEFINED : most[d];
    }
    return most;
  }

  private void put(long[] coordinates, long address, long bytes, int mask) {
    long number = 0;
    for (int d = 0; d < grid.length; d++) {
      if (coordinates[d] < 0 || coordinates[d] >= grid[d]) {
        // Left behind when the data set was made smaller.
        return;
      }
      number = number * grid[d] + coordinates[d];
    }
    if (address == Hdf5Input.UNDEFINED) {
      return;
    }
    input.checkRange(address, bytes);
    int leftOut = layout.plainEdges() && isOverEdge(coordinates) ? ALL_FILTERS : mask;
    if (chunks.put(number, new Chunk(address, bytes, leftOut)) != null) {
      throw input.corrupt("a data set has a chunk twice");
    }
  }

  private boolean isOverEdge(long[] coordinates) {
    for (int d = 0; d < grid.length; d++) {
      if (coordinates[d] == grid[d] - 1 && dataset.dims()[d] % chunkDims[d] != 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Puts a chunk by its number in an array that counts as if the data set had grown as far as it
   * may.
   *
   * @param unlimited whether there is a dimension without end, which then moves slowest
   */
  void put(long number, long address, long bytes, int mask, boolean unlimited) {
    long[] most = mostChunks();
    int first = 0;
    while (unlimited && first < most.length && most[first] != Hdf5Input.UNDEFINED) {
      first++;
    }
    long[] coordinates = new long[most.length];
    long rest = number;
    for (int d = most.length - 1; d >= 0; d--) {
      if (unlimited && d == first) {
        continue;
      }
      if (most[d] < 1) {
        throw input.corrupt("an array of chunks has other dimensions than its data set");
      }
      coordinates[d] = rest % most[d];
      rest /= most[d];
    }
    if (unlimited && first < most.length) {
      coordinates[first] = rest;
    } else if (rest != 0) {
      return;
    }
    put(coordinates, address, bytes, mask);
  }

  private void readBTree1(long address) throws IOException {
    int rank = grid.length;
    BTreeV1.forEachLeaf(
        input,
        address,
        1,
        8 + 8 * (rank + 1),
        (key, chunk) -> {
          long bytes = Hdf5Input.number(key, 4);
          int mask = key.getInt();
          long[] coordinates = new long[rank];
          for (int d = 0; d < rank; d++) {
            coordinates[d] = key.getLong() / chunkDims[d];
          }
          put(coordinates, chunk, bytes, mask);
        });
  }

  private void readSingle() {
    long bytes = layout.filteredBytes() < 0 ? chunkBytes() : layout.filteredBytes();
    put(new long[grid.length], layout.address(), bytes, layout.mask());
  }

  private void readImplicit(long address) {
    long count = 1;
    for (long chunksAlong : mostChunks()) {
      if (chunksAlong < 1) {
        throw input.corrupt("an array of chunks has other dimensions than its data set");
      }
      count = Math.multiplyExact(count, chunksAlong);
    }
    long bytes = chunkBytes();
    input.checkRange(address, Math.multiplyExact(count, bytes));
    for (long number = 0; number < count; number++) {
      put(number, address + number * bytes, bytes, 0, false);
    }
  }

  private void readBTree2(long address) throws IOException {
    boolean filtered = !dataset.filters().isEmpty();
    BTreeV2 tree = new BTreeV2(input, address, filtered ? FILTERED : UNFILTERED);
    int rank = grid.length;
    int sizeBytes = filtered ? tree.recordBytes() - input.offsetBytes() - 4 - 8 * rank : 0;
    if (sizeBytes < 0 || sizeBytes > 8) {
      throw input.corrupt("a tree of chunks has records of " + tree.recordBytes() + " bytes");
    }
    tree.forEach(
        record -> {
          long chunk = input.offset(record);
          long bytes = filtered ? Hdf5Input.number(record, sizeBytes) : chunkBytes();
          int mask = filtered ? record.getInt() : 0;
          long[] coordinates = new long[rank];
          for (int d = 0; d < rank; d++) {
            coordinates[d] = record.getLong();
          }
          put(coordinates, chunk, bytes, mask);
        });
  }

  private void readFixedArray(long address) throws IOException {
    ByteBuffer header =
        input.structure("FAHD", address, 8L + input.lengthBytes() + input.offsetBytes(), 0);
    Hdf5Input.skip(header, 1);
    int entryBytes = header.get() & 0xff;
    int pageBits = header.get();
    long count = input.length(header);
    long block = input.offset(header);
    if (block == Hdf5Input.UNDEFINED) {
      return;
    }
    if (pageBits < 0 || pageBits > 31 || count < 0 || count > input.fileBytes()) {
      throw input.corrupt("an array of chunks has sizes that are not sound");
    }
    long pageEntries = 1L << pageBits;
    long prefixBytes = 6L + input.offsetBytes();
    input.structure("FADB", block, prefixBytes, 0);
    if (count <= pageEntries) {
      readEntries(block + prefixBytes, 0, count, entryBytes, false);
      return;
    }
    long pages = (count - 1) / pageEntries + 1;
    ByteBuffer written = input.at(block + prefixBytes, (pages + 7) / 8);
    long page = block + prefixBytes + (pages + 7) / 8 + 4;
    for (long p = 0; p < pages; p++) {
      long entries = Math.min(pageEntries, count - p * pageEntries);
      if ((written.get((int) (p / 8)) >> (7 - p % 8) & 1) != 0) {
        readEntries(page, p * pageEntries, entries, entryBytes, false);
      }
      page += pageEntries * entryBytes + 4;
    }
  }

  /** Reads entries of an array: addresses, and where there are filters sizes and masks. */
  void readEntries(long at, long firstNumber, long count, int entryBytes, boolean unlimited)
      throws IOException {
    boolean filtered = !dataset.filters().isEmpty();
    int sizeBytes = filtered ? entryBytes - input.offsetBytes() - 4 : 0;
    if (sizeBytes < 0 || sizeBytes > 8 || (!filtered && entryBytes != input.offsetBytes())) {
      throw input.corrupt("an array of chunks has entries of " + entryBytes + " bytes");
    }
    ByteBuffer entries = input.at(at, Math.multiplyExact(count, (long) entryBytes));
    for (long i = 0; i < count; i++) {
      long address = input.offset(entries);
      long bytes = filtered ? Hdf5Input.number(entries, sizeBytes) : chunkBytes();
      int mask = filtered ? entries.getInt() : 0;
      if (address != Hdf5Input.UNDEFINED) {
        put(firstNumber + i, address, bytes, mask, unlimited);
      }
    }
  }
}
