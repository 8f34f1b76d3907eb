package io.github.colonnade.jobs.compress;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Counts the bytes that go through. */
final class CountingOutputStream extends FilterOutputStream {

  private long byteCount;

  CountingOutputStream(OutputStream out) {
    super(out);
  }

  long byteCount() {
    return byteCount;
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
    byteCount++;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
    byteCount += length;
  }
}
