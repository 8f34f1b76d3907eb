package io.github.colonnade.connectors.matlab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** The numbers of a variable, little-endian, in its own type whatever they are stored as. */
final class MatNumbers extends InputStream {
  private static final int NUMBERS = 1 << 13;

  private final MatElement element;
  private final MatType type;
  private final MatType stored;
  private final byte[] source;
  private final ByteBuffer sourceNumbers;
  private final ByteBuffer numbers;
  private long left;

  /**
   * @param element at the numbers; closed with this stream
   * @param tag of the numbers
   */
  MatNumbers(MatElement element, MatInput.Tag tag, MatType type, MatType stored, ByteOrder order)
      throws IOException {
    this.element = element;
    this.type = type;
    this.stored = stored;
    long count = tag.bytes() / stored.bytes();
    int together = (int) Math.min(count, NUMBERS);
    this.source =
        tag.small()
            ? element.matrix().data(tag, Integer.BYTES)
            : new byte[together * stored.bytes()];
    this.sourceNumbers = ByteBuffer.wrap(source).order(order);
    this.numbers = ByteBuffer.allocate(together * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    numbers.limit(0);
    if (tag.small()) {
      convert((int) count);
      this.left = 0;
    } else {
      this.left = count;
    }
  }

  private void convert(int count) {
    numbers.clear();
    type.convert(stored, sourceNumbers.rewind(), numbers, count);
    numbers.flip();
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
    if (!numbers.hasRemaining()) {
      if (left == 0) {
        return -1;
      }
      int count = (int) Math.min(left, source.length / stored.bytes());
      element.matrix().read(source, count * stored.bytes());
      convert(count);
      left -= count;
    }
    int count = Math.min(length, numbers.remaining());
    numbers.get(buffer, offset, count);
    return count;
  }

  @Override
  public void close() throws IOException {
    element.close();
  }
}
