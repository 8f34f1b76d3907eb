package io.github.colonnade.jobs.compress;

import java.io.IOException;
import java.io.InputStream;

/** The next bytes of a stream that goes on behind them and stays open. */
final class Prefix extends InputStream {

  private final InputStream in;
  private long left;

  Prefix(InputStream in, long length) {
    this.in = in;
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    if (left == 0) {
      return -1;
    }
    int b = in.read();
    left -= b < 0 ? 0 : 1;
    return b;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (left == 0 && length > 0) {
      return -1;
    }
    int got = in.read(buffer, offset, (int) Math.min(length, left));
    left -= Math.max(got, 0);
    return got;
  }
}
