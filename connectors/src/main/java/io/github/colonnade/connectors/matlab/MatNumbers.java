package io.github.colonnade.connectors.matlab;

import io.github.colonnade.connectors.io.PieceInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The numbers of a variable, little-endian, in its own type whatever they are stored as. */
final class MatNumbers extends PieceInputStream {
  private static final int NUMBERS = 1 << 13;

  private final MatElement element;
  private final MatType type;
  private final MatType stored;
  private final byte[] source;
  private final ByteBuffer sourceNumbers;
  private final ByteBuffer numbers;
  private final boolean small;
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
    this.small = tag.small();
    this.left = count;
  }

  @Override
  protected ByteBuffer next() throws IOException {
    int count = (int) Math.min(left, source.length / stored.bytes());
    if (!small) {
      element.matrix().read(source, count * stored.bytes());
    }
    type.convert(stored, sourceNumbers.rewind(), numbers.clear(), count);
    left -= count;
    return numbers.flip();
  }

  @Override
  public void close() throws IOException {
    element.close();
  }
}
