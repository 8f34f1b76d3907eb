package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The array of chunks of a data set with one dimension without end. A few entries are in its index
 * block; the others in data blocks that grow, the later of which are found through super blocks.
 */
final class ExtensibleArray {
  private final Hdf5Input input;
  private final ChunkIndex index;
  private final int entryBytes;
  private final int maxBits;
  private final int indexEntries;
  private final long minEntries;
  private final int minPointers;
  private final int pageBits;
  private final long indexAddress;

  ExtensibleArray(Hdf5Input input, ChunkIndex index, long address) throws IOException {
    this.input = input;
    this.index = index;
    ByteBuffer header =
        input.structure("EAHD", address, 12 + 6L * input.lengthBytes() + input.offsetBytes(), 0);
    Hdf5Input.skip(header, 1);
    this.entryBytes = header.get() & 0xff;
    this.maxBits = header.get();
    this.indexEntries = header.get() & 0xff;
    this.minEntries = header.get() & 0xff;
    this.minPointers = header.get() & 0xff;
    this.pageBits = header.get();
    Hdf5Input.skip(header, 6 * input.lengthBytes());
    this.indexAddress = input.offset(header);
    if (maxBits < 1
        || maxBits > 63
        || Long.bitCount(minEntries) != 1
        || Integer.bitCount(minPointers) != 1
        || pageBits < 0
        || pageBits > 31) {
      throw input.corrupt("an array of chunks has sizes that are not sound");
    }
  }

  void read() throws IOException {
    if (indexAddress == Hdf5Input.UNDEFINED) {
      return;
    }
    int o = input.offsetBytes();
    int superBlocks = 1 + maxBits - Long.numberOfTrailingZeros(minEntries);
    int direct = 2 * Integer.numberOfTrailingZeros(minPointers);
    int blockPointers = 2 * (minPointers - 1);
    int superPointers = Math.max(0, superBlocks - direct);
    long prefixBytes = 6L + o;
    input.structure("EAIB", indexAddress, prefixBytes, 0);
    long at = indexAddress + prefixBytes;
    index.readEntries(at, 0, indexEntries, entryBytes, true);
    at += (long) indexEntries * entryBytes;
    ByteBuffer pointers = input.at(at, (long) (blockPointers + superPointers) * o);
    long number = indexEntries;
    for (int s = 0; s < superBlocks; s++) {
      long blocks = 1L << (s / 2);
      long entries = minEntries << ((s + 1) / 2);
      if (s < direct) {
        for (long b = 0; b < blocks; b++) {
          readBlock(input.offset(pointers), number, entries, null, 0);
          number += entries;
        }
      } else {
        long superBlock = input.offset(pointers);
        if (superBlock != Hdf5Input.UNDEFINED) {
          readSuperBlock(superBlock, number, blocks, entries);
        }
        if (blocks > Long.MAX_VALUE / entries - number) {
          return;
        }
        number += blocks * entries;
      }
    }
  }

  private void readSuperBlock(long address, long firstNumber, long blocks, long entries)
      throws IOException {
    int o = input.offsetBytes();
    long prefixBytes = 6L + o + (maxBits + 7) / 8;
    input.structure("EASB", address, prefixBytes, 0);
    long pages = entries >> pageBits;
    long bitmapBytes = pages > 1 ? (pages + 7) / 8 : 0;
    if (blocks > input.fileBytes() || bitmapBytes > input.fileBytes()) {
      throw input.corrupt("an array of chunks has sizes that are not sound");
    }
    // One bitmap of all pages, although its length is that of one for each data block.
    ByteBuffer bitmaps = input.at(address + prefixBytes, blocks * bitmapBytes);
    ByteBuffer pointers = input.at(address + prefixBytes + blocks * bitmapBytes, blocks * o);
    for (long b = 0; b < blocks; b++) {
      readBlock(
          input.offset(pointers),
          firstNumber + b * entries,
          entries,
          bitmapBytes > 0 ? bitmaps : null,
          b * pages);
    }
  }

  /**
   * Reads a data block.
   *
   * @param written which pages were written, from bit {@code firstBit} on; null if there are none
   */
  private void readBlock(
      long address, long firstNumber, long entries, @Nullable ByteBuffer written, long firstBit)
      throws IOException {
    if (address == Hdf5Input.UNDEFINED) {
      return;
    }
    long prefixBytes = 6L + input.offsetBytes() + (maxBits + 7) / 8;
    input.structure("EADB", address, prefixBytes, 0);
    long at = address + prefixBytes;
    if (written == null) {
      index.readEntries(at, firstNumber, entries, entryBytes, true);
      return;
    }
    at += 4;
    long pageEntries = 1L << pageBits;
    for (long p = 0; p < entries >> pageBits; p++) {
      long bit = firstBit + p;
      if ((written.get((int) (bit / 8)) >> (7 - bit % 8) & 1) != 0) {
        index.readEntries(at, firstNumber + p * pageEntries, pageEntries, entryBytes, true);
      }
      at += pageEntries * entryBytes + 4;
    }
  }
}
