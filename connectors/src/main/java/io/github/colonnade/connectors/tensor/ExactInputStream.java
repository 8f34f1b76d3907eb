package io.github.colonnade.connectors.tensor;

import io.github.colonnade.connectors.io.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** Ends after a given number of bytes and says so if the stream below has fewer, or more. */
final class ExactInputStream extends InputStream {
  private final InputStream in;
  private final String source;
  private final String tensor;
  private final boolean endsWithStream;
  private long remaining;

  /**
   * @param endsWithStream whether the stream below must end too once {@code length} bytes are read
   */
  ExactInputStream(
      InputStream in, String source, String tensor, long length, boolean endsWithStream) {
    this.in = in;
    this.source = source;
    this.tensor = tensor;
    this.remaining = length;
    this.endsWithStream = endsWithStream;
  }

  /** Passes over bytes that come before the first of this stream. */
  void skipFirst(long count) throws IOException {
    long left = count;
    while (left > 0) {
      long skipped = in.skip(left);
      if (skipped == 0) {
        if (in.read() < 0) {
          throw tooShort();
        }
        skipped = 1;
      }
      left -= skipped;
    }
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
    if (remaining == 0) {
      return -1;
    }
    int got = in.read(buffer, offset, (int) Math.min(length, remaining));
    if (got < 0) {
      throw tooShort();
    }
    remaining -= got;
    if (remaining == 0 && endsWithStream && in.read() >= 0) {
      throw FormatException.of(
          source, tensor, "there is more data than its shape holds; the file is corrupt");
    }
    return got;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private FormatException tooShort() {
    return FormatException.of(
        source, tensor, "there is less data than its shape holds; the file is corrupt");
  }
}
