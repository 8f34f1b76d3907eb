package io.github.colonnade.connectors.write;

import io.github.colonnade.connectors.io.InputFiles;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Collects tensors one by one in a temporary file and writes them out as safetensors at the end,
 * where the header needs all sizes. The output is in {@link TensorHeader#REFERENCE_ORDER}, whatever
 * the order of adding. Not safe for use by several threads.
 */
public final class SafetensorsSpool implements Closeable {
  private static final int COPY_BYTES = 1 << 16;

  private final Path spoolFile;
  private final OutputStream spool;
  private final Map<String, Long> offsets = new HashMap<>();
  private final Map<String, TensorHeader> headers = new HashMap<>();
  private long position;
  private boolean closed;

  private SafetensorsSpool(Path spoolFile, OutputStream spool) {
    this.spoolFile = spoolFile;
    this.spool = spool;
  }

  /** A spool with its temporary file in {@code directory}, best a local one. */
  public static SafetensorsSpool create(Path directory) throws IOException {
    Path file = new Path(directory, "colonnade-spool-" + UUID.randomUUID() + ".tmp");
    return new SafetensorsSpool(
        file,
        new BufferedOutputStream(
            file.getFileSystem().create(file, FileSystem.WriteMode.NO_OVERWRITE), COPY_BYTES));
  }

  /**
   * Adds a tensor.
   *
   * @param payload canonical payload, not modified; exactly the tensor's bytes
   * @throws IllegalArgumentException if the name was added before or the size differs
   */
  public void add(TensorHeader tensor, byte[] payload) throws IOException {
    checkNew(tensor);
    checkSize(tensor, payload.length);
    spool.write(payload);
    record(tensor);
  }

  /**
   * Adds a tensor from a stream, which is read to its end but not closed.
   *
   * @throws IllegalArgumentException if the name was added before, or the stream's size differs;
   *     the spool can then only be closed
   */
  public void add(TensorHeader tensor, InputStream payload) throws IOException {
    checkNew(tensor);
    checkSize(tensor, payload.transferTo(spool));
    record(tensor);
  }

  /** Number of tensors added. */
  public int size() {
    return headers.size();
  }

  /** Bytes of the tensors added. */
  public long sizeBytes() {
    return position;
  }

  /**
   * Writes all tensors to {@code file}, replacing one that is there, and closes the spool.
   *
   * @param metadata entries of {@code __metadata__}; may be empty
   */
  public void finish(Path file, Map<String, String> metadata) throws IOException {
    spool.close();
    List<TensorHeader> order =
        headers.values().stream().sorted(TensorHeader.REFERENCE_ORDER).toList();
    try (SafetensorsWriter writer = SafetensorsWriter.begin(file, order, metadata);
        FSDataInputStream spooled = InputFiles.open(spoolFile)) {
      byte[] buffer = new byte[COPY_BYTES];
      for (TensorHeader tensor : order) {
        spooled.seek(Objects.requireNonNull(offsets.get(tensor.name())));
        try (OutputStream out = writer.tensor(tensor.name())) {
          copy(spooled, tensor.sizeBytes(), buffer, out);
        }
      }
      writer.finish();
    } finally {
      close();
    }
  }

  private void copy(InputStream in, long length, byte[] buffer, OutputStream out)
      throws IOException {
    for (long left = length; left > 0; ) {
      int got = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (got < 0) {
        throw new EOFException(spoolFile + " has become shorter while it was used");
      }
      out.write(buffer, 0, got);
      left -= got;
    }
  }

  /** Removes the temporary file. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      try {
        spool.close();
      } finally {
        spoolFile.getFileSystem().delete(spoolFile, false);
      }
    }
  }

  private void checkNew(TensorHeader tensor) {
    if (headers.containsKey(tensor.name())) {
      throw new IllegalArgumentException("tensor " + tensor.name() + " comes twice");
    }
  }

  private static void checkSize(TensorHeader tensor, long bytes) {
    if (bytes != tensor.sizeBytes()) {
      throw new IllegalArgumentException(
          "tensor "
              + tensor.name()
              + " of shape "
              + tensor.shape()
              + " has "
              + tensor.sizeBytes()
              + " bytes, but "
              + bytes
              + " came");
    }
  }

  private void record(TensorHeader tensor) {
    offsets.put(tensor.name(), position);
    headers.put(tensor.name(), tensor);
    position += tensor.sizeBytes();
  }
}
