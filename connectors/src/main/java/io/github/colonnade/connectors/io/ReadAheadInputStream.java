package io.github.colonnade.connectors.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A range of bytes that is read ahead by a thread of its own, so that its reader can compute while
 * the storage is waited for.
 *
 * <p>That begins once {@link ReadAhead#MOST_BYTES} were read without a gap and at least {@link
 * #LEAST_LEFT} remain: small ranges and scattered pieces are read as they would be without this
 * class. A gap ends it: the stream below passes over what was not read yet. Where there is no
 * memory for it, or no thread to be had, reading goes on without.
 *
 * <p>What the stream below throws is thrown to the reader when it comes to that byte, the same
 * object, and not at all if the reader passes over the byte. An interrupted reader stops waiting.
 * Closing does not wait either: if the thread is within a read, it closes the file when the read
 * returns, which is after the timeout of the storage at the latest. Another thread may close; a
 * reader who waits for bytes read ahead is then told that the stream is closed.
 */
final class ReadAheadInputStream extends InputStream {
  /** A thread for less would take longer than it saves. */
  static final int LEAST_LEFT = 1 << 20;

  /** A smaller gap is read through: clients of object stores do the same. */
  static final int GAP_BYTES = 1 << 16;

  private final InputStream in;
  private final String threadName;
  private volatile @Nullable ReadAhead ahead;
  private long left;
  private long inSequence;
  private volatile boolean closed;

  /**
   * @param in closed with this stream
   * @param length how many bytes it has
   * @param threadName what the thread is called
   */
  ReadAheadInputStream(InputStream in, long length, String threadName) {
    this.in = in;
    this.left = length;
    this.threadName = threadName;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    checkOpen();
    if (length == 0) {
      return 0;
    }
    int got = 0;
    ReadAhead current = ahead;
    if (current != null) {
      got = current.take(buffer, offset, length);
      if (got == 0) {
        checkOpen();
        endOf(current);
      }
    }
    if (got == 0) {
      got = in.read(buffer, offset, length);
    }
    if (got > 0) {
      left -= got;
      inSequence += got;
      if (ahead == null && inSequence >= ReadAhead.MOST_BYTES && left >= LEAST_LEFT) {
        begin();
      }
    }
    return got;
  }

  private void begin() throws IOException {
    if (closed) {
      return;
    }
    ReadAhead begun;
    try {
      begun = new ReadAhead(in, left, threadName);
    } catch (OutOfMemoryError e) {
      // The bytes that were just taken would be lost with it. It is tried again after as many more.
      inSequence = 0;
      return;
    }
    ahead = begun;
    // Who closed meanwhile may not have seen it.
    if (closed && !begun.abandon()) {
      in.close();
    }
  }

  /** The stream below is the reader's again. */
  private void endOf(ReadAhead done) throws IOException {
    ahead = null;
    Throwable failure = done.failure().orElse(null);
    if (failure == null) {
      return;
    }
    inSequence = 0;
    if (failure instanceof IOException e) {
      throw e;
    } else if (failure instanceof RuntimeException e) {
      throw e;
    } else if (failure instanceof Error e) {
      throw e;
    }
    throw new IOException(failure);
  }

  @Override
  public long skip(long count) throws IOException {
    checkOpen();
    long wanted = Math.max(0, Math.min(count, left));
    ReadAhead current = ahead;
    if (wanted > GAP_BYTES) {
      inSequence = 0;
      if (current != null) {
        current.stop();
      }
    }
    long skipped = 0;
    while (current != null && skipped < wanted) {
      long dropped = current.drop(wanted - skipped);
      if (dropped == 0) {
        checkOpen();
        current = null;
        ahead = null;
      }
      left -= dropped;
      skipped += dropped;
    }
    if (skipped < wanted) {
      long below = in.skip(wanted - skipped);
      left -= below;
      skipped += below;
    }
    return skipped;
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    ReadAhead current = ahead;
    ahead = null;
    if (current == null || !current.abandon()) {
      in.close();
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the stream is closed");
    }
  }
}
