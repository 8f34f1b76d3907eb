package io.github.colonnade.connectors.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A stream whose bytes are made a piece at a time. */
public abstract class PieceInputStream extends InputStream {

  private ByteBuffer piece = ByteBuffer.allocate(0);

  /** The bytes that come next; none remain in it at the end of the stream. */
  protected abstract ByteBuffer next() throws IOException;

  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public final int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (!piece.hasRemaining()) {
      piece = next();
      if (!piece.hasRemaining()) {
        return -1;
      }
    }
    int count = Math.min(length, piece.remaining());
    piece.get(buffer, offset, count);
    return count;
  }

  /** Passes over at most so many bytes of the present piece, and says over how many. */
  protected final int skipInPiece(long count) {
    int skipped = (int) Math.max(0, Math.min(count, piece.remaining()));
    piece.position(piece.position() + skipped);
    return skipped;
  }
}
