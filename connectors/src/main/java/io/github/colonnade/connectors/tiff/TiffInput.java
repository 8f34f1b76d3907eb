package io.github.colonnade.connectors.tiff;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/** Parts of a TIFF file, after their places have been compared with its length. */
final class TiffInput implements Closeable {
  private static final int CLASSIC = 42;
  private static final int BIG = 43;
  private static final int HEADER_BYTES = 16;
  private static final long SPARE_BUDGET_BYTES = 1 << 16;

  private final String source;
  private final FSDataInputStream in;
  private final long fileBytes;
  private final ByteOrder order;
  private final boolean big;
  private final long firstDirectory;

  /** Bytes of directories that may still be read: more than there are only if they overlap. */
  private long budget;

  private TiffInput(
      String source,
      FSDataInputStream in,
      long fileBytes,
      ByteOrder order,
      boolean big,
      long firstDirectory) {
    this.source = source;
    this.in = in;
    this.fileBytes = fileBytes;
    this.order = order;
    this.big = big;
    this.firstDirectory = firstDirectory;
    this.budget = 4 * fileBytes + SPARE_BUDGET_BYTES;
  }

  /** Whether a file that begins so is TIFF. */
  static boolean hasMagic(byte[] head) {
    if (head.length < 8 || head[0] != head[1] || (head[0] != 'I' && head[0] != 'M')) {
      return false;
    }
    int magic = head[0] == 'I' ? head[2] | head[3] << 8 : head[3] | head[2] << 8;
    return magic == CLASSIC || magic == BIG;
  }

  static TiffInput open(Path file) throws IOException {
    String source = file.toString();
    byte[] head = InputFiles.head(file, HEADER_BYTES);
    if (!hasMagic(head)) {
      throw FormatException.of(source, "it does not begin as a TIFF file does; get the file again");
    }
    ByteOrder order = head[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteBuffer header = ByteBuffer.wrap(head).order(order);
    boolean big = header.getShort(2) == BIG;
    if (big && (head.length < HEADER_BYTES || header.getShort(4) != 8)) {
      throw FormatException.of(source, "its header is not sound; get the file again");
    }
    long first = big ? header.getLong(8) : header.getInt(4) & 0xffffffffL;
    return new TiffInput(source, InputFiles.open(file), InputFiles.length(file), order, big, first);
  }

  /** The bytes of a directory or its values. */
  ByteBuffer structure(long offset, long count) throws IOException {
    budget -= count;
    if (budget < 0) {
      throw corrupt("its directories share their values");
    }
    return at(offset, count);
  }

  /** The bytes at an offset, in the byte order of the file. */
  ByteBuffer at(long offset, long count) throws IOException {
    if (offset < 0 || count < 0 || offset > fileBytes || count > fileBytes - offset) {
      throw corrupt("it refers to " + count + " bytes at " + offset + ", beyond its end");
    }
    if (count > Integer.MAX_VALUE - 8) {
      throw corrupt("it has one part of " + count + " bytes");
    }
    in.seek(offset);
    byte[] bytes = InputFiles.next(in, (int) count);
    if (bytes.length < count) {
      throw corrupt("it ends early");
    }
    return ByteBuffer.wrap(bytes).order(order);
  }

  long fileBytes() {
    return fileBytes;
  }

  ByteOrder order() {
    return order;
  }

  /** Whether offsets have eight bytes. */
  boolean isBig() {
    return big;
  }

  long firstDirectory() {
    return firstDirectory;
  }

  FormatException corrupt(String what) {
    return error(what + "; the file is truncated or corrupt, get it again");
  }

  FormatException error(String reason) {
    return FormatException.of(source, reason);
  }

  /** Buffers that end early, and numbers that no array can count, are an unsound file's doing. */
  FormatException unsound(RuntimeException cause) {
    return corrupt("its directories are not sound").causedBy(cause);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
