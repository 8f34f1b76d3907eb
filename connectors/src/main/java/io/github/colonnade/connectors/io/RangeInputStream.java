package io.github.colonnade.connectors.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.apache.flink.core.fs.FSDataInputStream;

/** A byte range of a file as a stream; skipping seeks, so that skipped bytes are not fetched. */
final class RangeInputStream extends InputStream {
  private final FSDataInputStream in;
  private final String source;
  private final long end;
  private long position;

  RangeInputStream(FSDataInputStream in, String source, long fromByte, long length) {
    this.in = in;
    this.source = source;
    this.position = fromByte;
    this.end = fromByte + length;
  }

  @Override
  public int read() throws IOException {
    if (position == end) {
      return -1;
    }
    int b = in.read();
    if (b < 0) {
      throw truncated();
    }
    position++;
    return b;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (position == end) {
      return -1;
    }
    int got = in.read(buffer, offset, (int) Math.min(length, end - position));
    if (got < 0) {
      throw truncated();
    }
    position += got;
    return got;
  }

  @Override
  public long skip(long count) throws IOException {
    long skipped = Math.max(0, Math.min(count, end - position));
    if (skipped > 0) {
      in.seek(position + skipped);
      position += skipped;
    }
    return skipped;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private FormatException truncated() {
    return FormatException.of(
        source,
        "the file ends at byte "
            + position
            + ", but data up to byte "
            + end
            + " is expected; it is truncated or has changed, get it again");
  }
}
