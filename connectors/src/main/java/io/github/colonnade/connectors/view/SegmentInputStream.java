package io.github.colonnade.connectors.view;

import java.io.IOException;
import java.io.InputStream;

/** Segments of equal length and distance of another stream, one after another. */
final class SegmentInputStream extends InputStream {
  private final InputStream in;
  private final long segment;
  private final long gap;
  private long inSegment;
  private long left;

  /**
   * @param in at the first byte of the first segment; closed with this
   * @param segment bytes of each, at least 1
   * @param gap bytes between one and the next
   * @param count of segments
   */
  SegmentInputStream(InputStream in, long segment, long gap, long count) {
    this.in = in;
    this.segment = segment;
    this.gap = gap;
    this.inSegment = segment;
    this.left = segment * count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    if (inSegment == 0) {
      in.skipNBytes(gap);
      inSegment = segment;
    }
    int got = in.read(buffer, offset, (int) Math.min(length, inSegment));
    if (got > 0) {
      inSegment -= got;
      left -= got;
    }
    return got;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
