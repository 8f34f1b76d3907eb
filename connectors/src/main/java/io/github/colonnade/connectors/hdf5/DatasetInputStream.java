package io.github.colonnade.connectors.hdf5;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.PieceInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The elements of a data set, row-major, whatever its layout. Chunks are put together slab by slab:
 * all that have the same first coordinate.
 */
final class DatasetInputStream extends PieceInputStream {
  /** Bytes that are put together in memory. */
  private static final long MAX_SLAB_BYTES = 1L << 30;

  private static final int PIECE_BYTES = 1 << 16;

  private final Hdf5Input input;
  private final DatasetHeader header;
  private final Optional<ChunkIndex> chunks;
  private final long sizeBytes;

  /** First byte of the next slab among all bytes. */
  private long done;

  /**
   * @param input closed with this stream
   */
  DatasetInputStream(Hdf5Input input, DatasetHeader header) throws IOException {
    this.input = input;
    this.header = header;
    this.sizeBytes = header.sizeBytes();
    this.chunks =
        header.layout() instanceof Layout.Chunked chunked
            ? Optional.of(ChunkIndex.read(input, header, chunked))
            : Optional.empty();
  }

  @Override
  protected ByteBuffer next() throws IOException {
    if (done >= sizeBytes) {
      return ByteBuffer.allocate(0);
    }
    try {
      byte[] slab = slab();
      done += slab.length;
      return ByteBuffer.wrap(slab);
    } catch (FormatException e) {
      throw e;
    } catch (RuntimeException e) {
      throw input.unsound(e);
    }
  }

  @Override
  public long skip(long count) throws IOException {
    // Within the slab; whoever skips further asks again, and reads where nothing was skipped.
    return skipInPiece(count);
  }

  @Override
  public void close() throws IOException {
    input.close();
  }

  private byte[] slab() throws IOException {
    int piece = (int) Math.min(PIECE_BYTES, sizeBytes - done);
    if (header.layout() instanceof Layout.Compact compact) {
      byte[] bytes = new byte[piece];
      compact.data().get((int) done, bytes);
      return bytes;
    }
    if (header.layout() instanceof Layout.Contiguous contiguous) {
      if (contiguous.address() == Hdf5Input.UNDEFINED) {
        piece -= piece % header.fillValue().length;
        return filled(piece);
      }
      return input.data(contiguous.address() + done, piece);
    }
    return slab(chunks.orElseThrow());
  }

  private byte[] filled(int length) {
    byte[] bytes = new byte[length];
    byte[] value = header.fillValue();
    for (int at = 0; at < length; at += value.length) {
      System.arraycopy(value, 0, bytes, at, value.length);
    }
    return bytes;
  }

  private byte[] slab(ChunkIndex index) throws IOException {
    long[] dims = header.dims();
    long[] chunkDims = index.chunkDims();
    long[] grid = index.grid();
    long rowBytes = sizeBytes / dims[0];
    long row = done / rowBytes;
    long rows = Math.min(chunkDims[0], dims[0] - row);
    if (rows > MAX_SLAB_BYTES / rowBytes) {
      throw input.error(
          "a data set has chunks that reach over "
              + rows
              + " rows of "
              + rowBytes
              + " bytes, more than the "
              + MAX_SLAB_BYTES
              + " that are put together in memory; write it with chunks of fewer rows");
    }
    byte[] bytes = filled((int) (rows * rowBytes));
    long perRow = 1;
    for (int d = 1; d < grid.length; d++) {
      perRow *= grid[d];
    }
    long first = row / chunkDims[0] * perRow;
    long[] at = new long[dims.length];
    for (long number = 0; number < perRow; number++) {
      long rest = number;
      for (int d = dims.length - 1; d > 0; d--) {
        at[d] = rest % grid[d] * chunkDims[d];
        rest /= grid[d];
      }
      ChunkIndex.Chunk chunk = index.get(first + number).orElse(null);
      if (chunk != null) {
        place(decoded(index, chunk), chunkDims, at, rows, bytes);
      }
    }
    return bytes;
  }

  private byte[] decoded(ChunkIndex index, ChunkIndex.Chunk chunk) throws IOException {
    long size = index.chunkBytes();
    if (size > MAX_SLAB_BYTES || chunk.bytes() > MAX_SLAB_BYTES) {
      throw input.error("a data set has chunks of " + size + " bytes; write it with smaller ones");
    }
    if (size / header.filters().maxRatio() > chunk.bytes()) {
      throw input.corrupt("a chunk of " + size + " bytes is said to be in " + chunk.bytes());
    }
    byte[] stored = input.data(chunk.address(), (int) chunk.bytes());
    return header.filters().decode(stored, chunk.mask(), (int) size);
  }

  /** Copies what a chunk holds of the data set to its places in the slab. */
  private void place(byte[] chunk, long[] chunkDims, long[] at, long rows, byte[] target) {
    long[] dims = header.dims();
    int last = dims.length - 1;
    int element = header.type().elementBytes();
    long[] extent = new long[dims.length];
    for (int d = 0; d < dims.length; d++) {
      extent[d] = d == 0 ? rows : Math.min(chunkDims[d], dims[d] - at[d]);
    }
    int runBytes = (int) (extent[last] * element);
    long[] index = new long[dims.length];
    while (true) {
      long from = 0;
      long to = 0;
      for (int d = 0; d < dims.length; d++) {
        from = from * chunkDims[d] + index[d];
        to = to * (d == 0 ? 1 : dims[d]) + at[d] + index[d];
      }
      System.arraycopy(chunk, (int) (from * element), target, (int) (to * element), runBytes);
      int d = last - 1;
      while (d >= 0 && ++index[d] == extent[d]) {
        index[d--] = 0;
      }
      if (d < 0) {
        return;
      }
    }
  }
}
