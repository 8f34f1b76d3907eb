package io.github.colonnade.connectors.hdf5;

import io.github.colonnade.connectors.io.PieceInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** One of the two numbers of each element. */
final class PartInputStream extends PieceInputStream {
  private static final int ELEMENTS = 1 << 12;

  private final InputStream in;
  private final int bytes;
  private final int part;
  private final byte[] elements;

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
  protected ByteBuffer next() throws IOException {
    int got = in.readNBytes(elements, 0, elements.length);
    int wanted = got / 2;
    // The wanted halves move together at the front.
    for (int i = 0; i < wanted / bytes; i++) {
      System.arraycopy(elements, (2 * i + part) * bytes, elements, i * bytes, bytes);
    }
    return ByteBuffer.wrap(elements, 0, wanted);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
