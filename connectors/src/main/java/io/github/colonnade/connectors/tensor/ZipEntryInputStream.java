package io.github.colonnade.connectors.tensor;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A tensor inside a zip member. Never inflates more than the tensor is long; the checksum and the
 * end of the member are checked when the whole tensor has been read.
 */
final class ZipEntryInputStream extends InputStream {
  private static final int BUFFER_BYTES = 1 << 16;

  private final InputStream in;
  private final @Nullable Inflater inflater;
  private final String tensor;
  private final Payload.ZipEntryRange entry;
  private final CRC32 crc = new CRC32();
  private final boolean whole;
  private long remaining;

  private ZipEntryInputStream(
      InputStream in,
      @Nullable Inflater inflater,
      String tensor,
      Payload.ZipEntryRange entry,
      boolean whole,
      long length) {
    this.in = in;
    this.inflater = inflater;
    this.tensor = tensor;
    this.entry = entry;
    this.whole = whole;
    this.remaining = length;
  }

  static InputStream open(String tensor, Payload.ZipEntryRange entry, long fromByte, long length)
      throws IOException {
    boolean whole = fromByte == 0 && length == entry.length();
    Path path = new Path(entry.path());
    if (!whole && entry.method() == Payload.ZipMethod.STORED) {
      return InputFiles.rangeAhead(path, entry.offset() + entry.skip() + fromByte, length);
    }
    InputStream raw = InputFiles.rangeAhead(path, entry.offset(), entry.compressedLength());
    Inflater inflater = null;
    if (entry.method() == Payload.ZipMethod.DEFLATED) {
      inflater = new Inflater(true);
      raw = new InflaterInputStream(raw, inflater, BUFFER_BYTES);
    }
    ZipEntryInputStream stream =
        new ZipEntryInputStream(raw, inflater, tensor, entry, whole, length);
    try {
      stream.skipFirst(entry.skip() + fromByte);
      return stream;
    } catch (IOException | RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private void skipFirst(long count) throws IOException {
    byte[] scratch = new byte[(int) Math.min(count, BUFFER_BYTES)];
    long left = count;
    while (left > 0) {
      left -= readSome(scratch, 0, (int) Math.min(left, scratch.length));
    }
    finishIfDone();
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
    int got = readSome(buffer, offset, (int) Math.min(length, remaining));
    remaining -= got;
    finishIfDone();
    return got;
  }

  @Override
  public void close() throws IOException {
    if (inflater != null) {
      inflater.end();
    }
    in.close();
  }

  private void finishIfDone() throws IOException {
    if (remaining > 0 || !whole) {
      return;
    }
    if (readRaw(new byte[1], 0, 1) >= 0) {
      throw corrupt("the archive member is longer than its directory says");
    }
    if (crc.getValue() != entry.crc32()) {
      throw corrupt("the checksum of the archive member does not match");
    }
  }

  private int readSome(byte[] buffer, int offset, int length) throws IOException {
    int got = readRaw(buffer, offset, length);
    if (got < 0) {
      throw corrupt("the archive member is shorter than its directory says");
    }
    crc.update(buffer, offset, got);
    return got;
  }

  private int readRaw(byte[] buffer, int offset, int length) throws IOException {
    try {
      return in.read(buffer, offset, length);
    } catch (ZipException | EOFException e) {
      throw corrupt("the archive member cannot be inflated").causedBy(e);
    }
  }

  private FormatException corrupt(String what) {
    return FormatException.of(entry.path(), tensor, what + "; the file is corrupt, get it again");
  }
}
