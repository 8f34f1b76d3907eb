package io.github.colonnade.connectors.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** Reverses the bytes of every unit: big-endian numbers become little-endian. */
final class SwappingInputStream extends InputStream {
  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream in;
  private final int unit;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;

  SwappingInputStream(InputStream in, int unit) {
    this.in = in;
    this.unit = unit;
  }

  /** Reverses each unit of the first {@code length} bytes. */
  static void swap(byte[] bytes, int length, int unit) {
    for (int start = 0; start + unit <= length; start += unit) {
      for (int low = start, high = start + unit - 1; low < high; low++, high--) {
        byte b = bytes[low];
        bytes[low] = bytes[high];
        bytes[high] = b;
      }
    }
  }

  @Override
  public int read() throws IOException {
    return fill() ? buffer[position++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, limit - position);
    System.arraycopy(buffer, position, target, offset, count);
    position += count;
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private boolean fill() throws IOException {
    if (position == limit) {
      position = 0;
      limit = in.readNBytes(buffer, 0, BUFFER_BYTES);
      swap(buffer, limit, unit);
    }
    return limit > 0;
  }
}
