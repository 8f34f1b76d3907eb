package io.github.colonnade.connectors.matlab;

import io.github.colonnade.connectors.io.FormatException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.ZipException;

/** Data elements of a MAT-file, front to back. */
final class MatInput {
  static final int MATRIX = 14;
  static final int COMPRESSED = 15;

  private static final int TAG_BYTES = 8;
  private static final int MAX_SMALL_BYTES = 4;

  private final InputStream in;
  private final ByteOrder order;
  private final String source;
  private final byte[] word = new byte[TAG_BYTES];
  private long left;

  /**
   * What begins a data element.
   *
   * @param type code of the type
   * @param bytes length of the data
   * @param small whether the data was in the tag itself
   */
  record Tag(int type, long bytes, boolean small) {}

  /**
   * @param length bytes of {@code in} that may be read
   */
  MatInput(InputStream in, ByteOrder order, String source, long length) {
    this.in = in;
    this.order = order;
    this.source = source;
    this.left = length;
  }

  /** Bytes that are left. */
  long left() {
    return left;
  }

  /** The integer at a place of some data. */
  int number(byte[] data, int at) {
    return ByteBuffer.wrap(data).order(order).getInt(at);
  }

  /** The next tag; the data after it is known to be within what is left. */
  Tag tag() throws IOException {
    read(word, TAG_BYTES);
    int first = ByteBuffer.wrap(word).order(order).getInt();
    int smallBytes = first >>> 16;
    if (smallBytes > 0) {
      if (smallBytes > MAX_SMALL_BYTES) {
        throw corrupt("it has a data element of an impossible size");
      }
      return new Tag(first & 0xffff, smallBytes, true);
    }
    long bytes = ByteBuffer.wrap(word).order(order).getInt(Integer.BYTES) & 0xffffffffL;
    if (bytes > left) {
      throw corrupt(
          "it has a data element of " + bytes + " bytes where only " + left + " are left");
    }
    return new Tag(first, bytes, false);
  }

  /** The data of an element of few bytes, with its padding. */
  byte[] data(Tag tag, int most) throws IOException {
    if (tag.bytes() > most) {
      throw corrupt(
          "it has a data element of " + tag.bytes() + " bytes where " + most + " is much");
    }
    byte[] data = new byte[(int) tag.bytes()];
    if (tag.small()) {
      System.arraycopy(word, MAX_SMALL_BYTES, data, 0, data.length);
      return data;
    }
    read(data, data.length);
    skipPadding(tag);
    return data;
  }

  /** Passes over the data of an element, with its padding. */
  void skip(Tag tag) throws IOException {
    if (!tag.small()) {
      skip(tag.bytes());
      skipPadding(tag);
    }
  }

  private void skipPadding(Tag tag) throws IOException {
    long padding = (TAG_BYTES - tag.bytes() % TAG_BYTES) % TAG_BYTES;
    skip(Math.min(padding, left));
  }

  private void skip(long count) throws IOException {
    try {
      in.skipNBytes(count);
    } catch (ZipException | EOFException e) {
      throw corrupt("its data cannot be inflated").causedBy(e);
    }
    left -= count;
  }

  /** Reads {@code count} bytes of the data of an element that is not small. */
  void read(byte[] target, int count) throws IOException {
    if (count > left) {
      throw corrupt("it ends within a data element");
    }
    try {
      if (in.readNBytes(target, 0, count) < count) {
        throw corrupt("it ends within a data element");
      }
    } catch (ZipException | EOFException e) {
      throw corrupt("its data cannot be inflated").causedBy(e);
    }
    left -= count;
  }

  FormatException corrupt(String what) {
    return FormatException.of(source, what + "; the file is truncated or corrupt, get it again");
  }
}
