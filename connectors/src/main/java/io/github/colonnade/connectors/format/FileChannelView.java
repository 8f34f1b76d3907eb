package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.InputFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/** A file of a Flink file system as a channel, for reading in small pieces. */
final class FileChannelView implements SeekableByteChannel {
  /** Trouble of the storage below, as opposed to unsound bytes. */
  static final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    StorageException(IOException cause) {
      super(cause);
    }
  }

  private final FSDataInputStream in;
  private final long size;
  private final byte[] buffer = new byte[1 << 13];
  private long bufferStart;
  private int bufferLength;
  private long position;
  private boolean open = true;

  FileChannelView(Path file, long size) throws IOException {
    this.in = InputFiles.open(file);
    this.size = size;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    if (!target.hasRemaining()) {
      return 0;
    }
    if (position >= size) {
      return -1;
    }
    if (position < bufferStart || position >= bufferStart + bufferLength) {
      fill();
    }
    int offset = (int) (position - bufferStart);
    int count = Math.min(target.remaining(), bufferLength - offset);
    if (count == 0) {
      return -1;
    }
    target.put(buffer, offset, count);
    position += count;
    return count;
  }

  private void fill() throws IOException {
    try {
      in.seek(position);
      bufferStart = position;
      bufferLength = in.readNBytes(buffer, 0, buffer.length);
    } catch (IOException e) {
      throw new StorageException(e);
    }
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    if (newPosition < 0) {
      throw new IllegalArgumentException("position " + newPosition);
    }
    position = newPosition;
    return this;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() throws IOException {
    open = false;
    in.close();
  }

  @Override
  public int write(ByteBuffer source) {
    throw new NonWritableChannelException();
  }

  @Override
  public SeekableByteChannel truncate(long newSize) {
    throw new NonWritableChannelException();
  }
}
