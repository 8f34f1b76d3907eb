package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** One of the two numbers of each element. */
final class PartInputStream extends InputStream {
  private static final int ELEMENTS = 1 << 12;

  private final InputStream in;
  private final int bytes;
  private final int part;
  private final byte[] elements;
  private int position;
  private int limit;

  /**
   * @param bytes of a number
   * @param part which number
   */
  PartInputStream(InputStream in, int bytes, int part) {
    this.in = in;
    this.bytes = bytes;
    this.part = part;
    this.elements = new byte[ELEMENTS * 2 * bytes];
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (position == limit) {
      int got = in.readNBytes(elements, 0, elements.length);
      limit = got / 2;
      position = 0;
      if (limit == 0) {
        return -1;
      }
      // The wanted halves move together at the front.
      for (int i = 0; i < limit / bytes; i++) {
        System.arraycopy(elements, (2 * i + part) * bytes, elements, i * bytes, bytes);
      }
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(elements, position, buffer, offset, count);
    position += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
