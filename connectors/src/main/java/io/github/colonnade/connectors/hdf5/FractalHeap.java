package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * A fractal heap, where groups of many members keep their links. Blocks double in size row after
 * row of a table; rows of large blocks hold further tables.
 */
final class FractalHeap {
  private static final int MAX_DEPTH = 8;

  private final Hdf5Input input;
  private final long tableWidth;
  private final long startBytes;
  private final long maxDirectBytes;
  private final int offsetBits;
  private final int offsetBytes;
  private final int lengthBytes;
  private final long rootAddress;
  private final int rootRows;
  private final boolean filtered;
  private final Map<Long, ByteBuffer> blocks = new HashMap<>();

  FractalHeap(Hdf5Input input, long address) throws IOException {
    this.input = input;
    int o = input.offsetBytes();
    int l = input.lengthBytes();
    ByteBuffer header = input.structure("FRHP", address, 22 + 12L * l + 3L * o, 0);
    Hdf5Input.skip(header, 2);
    this.filtered = header.getShort() != 0;
    Hdf5Input.skip(header, 1);
    long maxManagedBytes = Hdf5Input.number(header, 4);
    Hdf5Input.skip(header, l + o + l + o + 8 * l);
    this.tableWidth = header.getShort() & 0xffff;
    this.startBytes = input.length(header);
    this.maxDirectBytes = input.length(header);
    this.offsetBits = header.getShort() & 0xffff;
    Hdf5Input.skip(header, 2);
    this.rootAddress = input.offset(header);
    this.rootRows = header.getShort() & 0xffff;
    this.offsetBytes = (offsetBits + 7) / 8;
    this.lengthBytes =
        Math.min((Long.numberOfTrailingZeros(maxDirectBytes) + 7) / 8, bytesFor(maxManagedBytes));
    if (tableWidth < 1
        || startBytes < 1
        || Long.bitCount(startBytes) != 1
        || Long.bitCount(maxDirectBytes) != 1
        || maxDirectBytes < startBytes
        || maxDirectBytes > 1L << 32
        || offsetBits > 63) {
      throw input.corrupt("a heap at address " + address + " has sizes that are not sound");
    }
  }

  private static int bytesFor(long most) {
    return (64 - Long.numberOfLeadingZeros(most) + 7) / 8;
  }

  /** The object of an id. */
  ByteBuffer object(ByteBuffer id) throws IOException {
    int flags = id.get();
    if (flags >> 4 != 0 || filtered) {
      throw input.error(
          "a group keeps its links in a way that is not read; write it again, as with h5repack");
    }
    long offset = Hdf5Input.number(id, offsetBytes);
    long length = Hdf5Input.number(id, lengthBytes);
    if (rootRows == 0) {
      return object(block(rootAddress, startBytes), offset, length);
    }
    return find(rootAddress, rootRows, offset, length, 0);
  }

  private ByteBuffer object(ByteBuffer block, long at, long length) {
    return block.slice(Math.toIntExact(at), Math.toIntExact(length)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private ByteBuffer block(long address, long bytes) throws IOException {
    ByteBuffer block = blocks.get(address);
    if (block == null) {
      block = input.structure("FHDB", address, bytes, 0);
      blocks.put(address, block);
    }
    return block;
  }

  /** Bytes of each block of a row. */
  private long rowBytes(int row) {
    return row < 2 ? startBytes : startBytes << (row - 1);
  }

  private ByteBuffer find(long address, int rows, long offset, long length, int depth)
      throws IOException {
    if (depth > MAX_DEPTH) {
      throw input.corrupt("a heap is nested without end");
    }
    int directRows = Long.numberOfTrailingZeros(maxDirectBytes / startBytes) + 2;
    long rowStart = 0;
    for (int row = 0; row < rows && row < offsetBits; row++) {
      long bytes = rowBytes(row);
      if (bytes <= 0 || bytes > Long.MAX_VALUE / 2 / tableWidth) {
        break;
      }
      if (offset < rowStart + bytes * tableWidth) {
        long column = (offset - rowStart) / bytes;
        long entry = row * tableWidth + column;
        int prefix = 5 + input.offsetBytes() + offsetBytes;
        input.structure("FHIB", address, prefix, 0);
        long child =
            input.offset(
                input.at(address + prefix + entry * input.offsetBytes(), input.offsetBytes()));
        long within = offset - rowStart - column * bytes;
        if (row < directRows) {
          return object(block(child, bytes), within, length);
        }
        int childRows =
            Long.numberOfTrailingZeros(bytes)
                - Long.numberOfTrailingZeros(startBytes)
                - (63 - Long.numberOfLeadingZeros(tableWidth))
                + 1;
        return find(child, childRows, within, length, depth + 1);
      }
      rowStart += bytes * tableWidth;
    }
    throw input.corrupt("a heap has no object at " + offset);
  }
}
