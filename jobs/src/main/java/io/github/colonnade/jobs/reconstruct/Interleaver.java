package io.github.colonnade.jobs.reconstruct;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Puts pieces side by side that come one after another: the rows of a piece go to their places in a
 * temporary file, since the first row of the last piece comes before the second row of the first.
 */
final class Interleaver implements Closeable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final FileChannel file;
  private final long row;
  private final long rows;

  private Interleaver(FileChannel file, long row, long rows) {
    this.file = file;
    this.row = row;
    this.rows = rows;
  }

  /**
   * @param row bytes of all pieces in one row
   */
  static Interleaver create(long row, long rows) throws IOException {
    Path directory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    return new Interleaver(
        FileChannel.open(
            Files.createTempFile(directory, "colonnade-rows-", ".tmp"),
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE),
        row,
        rows);
  }

  /**
   * Takes the rows of a piece.
   *
   * @param from where they begin in each row, in bytes
   * @param segment how long they are
   */
  OutputStream segments(long from, long segment) {
    return new Segments(from, segment);
  }

  /** Writes all rows. */
  void transferTo(OutputStream out) throws IOException {
    file.position(0);
    long size = row * rows;
    if (file.size() != size) {
      throw new IOException(file.size() + " bytes came together, expected " + size);
    }
    Channels.newInputStream(file).transferTo(out);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private final class Segments extends OutputStream {
    private final long from;
    private final long segment;
    private long done;

    Segments(long from, long segment) {
      this.from = from;
      this.segment = segment;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int written = 0;
      while (written < length) {
        long inSegment = done % segment;
        int count = (int) Math.min(length - written, Math.min(segment - inSegment, BUFFER_BYTES));
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset + written, count);
        long position = done / segment * row + from + inSegment;
        while (buffer.hasRemaining()) {
          position += file.write(buffer, position);
        }
        written += count;
        done += count;
      }
    }
  }
}
