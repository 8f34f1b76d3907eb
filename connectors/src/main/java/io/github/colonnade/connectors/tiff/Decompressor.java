package io.github.colonnade.connectors.tiff;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Undoes the compression of a chunk. */
final class Decompressor {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int TABLE = 4096;

  private final TiffInput input;

  Decompressor(TiffInput input) {
    this.input = input;
  }

  /**
   * Fills {@code target} with the chunk.
   *
   * @param stored the chunk as it lies in the file
   */
  void decompress(int compression, byte[] stored, byte[] target) {
    int length =
        switch (compression) {
          case TiffImage.NONE -> {
            int count = Math.min(stored.length, target.length);
            System.arraycopy(stored, 0, target, 0, count);
            yield count;
          }
          case TiffImage.LZW -> lzw(stored, target);
          case TiffImage.PACKBITS -> packBits(stored, target);
          default -> inflate(stored, target);
        };
    if (length < target.length) {
      throw input.corrupt("a part of an image has " + length + " bytes and not " + target.length);
    }
  }

  private int inflate(byte[] stored, byte[] target) {
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(stored);
      int length = 0;
      while (length < target.length) {
        int got = inflater.inflate(target, length, target.length - length);
        if (got == 0) {
          break;
        }
        length += got;
      }
      return length;
    } catch (DataFormatException e) {
      throw input.corrupt("a part of an image cannot be inflated");
    } finally {
      inflater.end();
    }
  }

  private static int packBits(byte[] stored, byte[] target) {
    int length = 0;
    int at = 0;
    while (at < stored.length && length < target.length) {
      int control = stored[at++];
      if (control >= 0) {
        int count = Math.min(Math.min(control + 1, stored.length - at), target.length - length);
        System.arraycopy(stored, at, target, length, count);
        at += control + 1;
        length += count;
      } else if (control != -128 && at < stored.length) {
        int count = Math.min(1 - control, target.length - length);
        Arrays.fill(target, length, length + count, stored[at++]);
        length += count;
      }
    }
    return length;
  }

  /** Codes of 9 to 12 bits, highest bit first; each adds the string before it and one byte. */
  private int lzw(byte[] stored, byte[] target) {
    int[] start = new int[TABLE];
    int[] size = new int[TABLE];
    int next = END + 1;
    int bits = 9;
    int buffer = 0;
    int available = 0;
    int at = 0;
    int length = 0;
    int previous = -1;
    int previousSize = 0;
    while (length < target.length) {
      while (available < bits && at < stored.length) {
        buffer = buffer << 8 | (stored[at++] & 0xff);
        available += 8;
      }
      if (available < bits) {
        return length;
      }
      int code = buffer >> (available - bits) & ((1 << bits) - 1);
      available -= bits;
      buffer &= (1 << available) - 1;
      if (code == END) {
        return length;
      }
      if (code == CLEAR) {
        next = END + 1;
        bits = 9;
        previous = -1;
        continue;
      }
      int from = length;
      if (code < CLEAR) {
        target[length++] = (byte) code;
      } else {
        // The string of a code lies in what was written; the newest is the last one and a byte.
        boolean known = code < next;
        if ((!known && code != next) || previous < 0) {
          throw input.corrupt("a part of an image has a code that means nothing");
        }
        int copyFrom = known ? start[code] : previous;
        int count = known ? size[code] : previousSize + 1;
        for (int i = 0; i < count && length < target.length; i++) {
          target[length++] = target[copyFrom + i];
        }
      }
      if (previous >= 0 && next < TABLE) {
        start[next] = previous;
        size[next] = previousSize + 1;
        next++;
      }
      previous = from;
      previousSize = length - from;
      // Codes get longer one code early.
      if (next >= (1 << bits) - 1 && bits < 12) {
        bits++;
      }
    }
    return length;
  }
}
