package io.github.colonnade.connectors.write;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.colonnade.connectors.format.SafetensorsHeader;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a safetensors file front to back: the header first, then every tensor in the header's
 * order. The same tensors and metadata always give the same bytes.
 *
 * <p>{@link #finish} completes the file. {@link #close} without it gives up, and there is no file.
 */
public final class SafetensorsWriter implements Closeable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int BUFFER_BYTES = 1 << 16;

  private final OutputStream out;

  /** The file that appears when it is committed; null on a stream of the caller. */
  private final @Nullable RecoverableFsDataOutputStream file;

  private final List<TensorHeader> tensors;
  private int next;
  private long remaining;
  private boolean finished;

  private SafetensorsWriter(
      OutputStream out, @Nullable RecoverableFsDataOutputStream file, List<TensorHeader> tensors) {
    this.out = out;
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * Begins a file, which appears when it is finished and then replaces one that is there, in one
   * step. So two workers that write the same file, because one was believed to be lost, do not harm
   * each other, whichever of them is stopped where.
   *
   * @param tensors in the order in which their data will come; see {@link
   *     TensorHeader#REFERENCE_ORDER}
   * @param metadata entries of {@code __metadata__}; may be empty
   * @throws IllegalArgumentException if a name comes twice, or the header grows beyond what readers
   *     accept
   */
  public static SafetensorsWriter begin(
      Path file, List<TensorHeader> tensors, Map<String, String> metadata) throws IOException {
    byte[] header = header(tensors, metadata);
    RecoverableFsDataOutputStream begun = file.getFileSystem().createRecoverableWriter().open(file);
    // There may be many thousands of small tensors.
    OutputStream out = new BufferedOutputStream(begun, BUFFER_BYTES);
    SafetensorsWriter writer = new SafetensorsWriter(out, begun, List.copyOf(tensors));
    try {
      out.write(header);
      return writer;
    } catch (IOException | RuntimeException e) {
      writer.close();
      throw e;
    }
  }

  /**
   * As {@link #begin(Path, List, Map)}, on a stream that the caller has opened and will close:
   * {@link #finish} and {@link #close} leave it open.
   */
  public static SafetensorsWriter begin(
      OutputStream out, List<TensorHeader> tensors, Map<String, String> metadata)
      throws IOException {
    out.write(header(tensors, metadata));
    return new SafetensorsWriter(out, null, List.copyOf(tensors));
  }

  /**
   * A stream for the bytes of the next tensor, canonical payload order. Closing it checks that they
   * are complete; it takes no more than the tensor has.
   *
   * @throws IllegalStateException if another tensor is next, or the one before is not complete
   */
  public OutputStream tensor(String name) {
    if (remaining > 0) {
      throw new IllegalStateException(incomplete());
    }
    if (next == tensors.size()) {
      throw new IllegalStateException("tensor " + name + " comes after the last one");
    }
    TensorHeader expected = tensors.get(next);
    if (!expected.name().equals(name)) {
      throw new IllegalStateException("tensor " + expected.name() + " is next, not tensor " + name);
    }
    next++;
    remaining = expected.sizeBytes();
    return new TensorStream(next);
  }

  /**
   * Writes the next tensor from a stream, which is read to its end but not closed.
   *
   * @throws IllegalStateException if another tensor is next, or the stream has too few or too many
   *     bytes
   */
  public void tensor(String name, InputStream payload) throws IOException {
    try (OutputStream stream = tensor(name)) {
      byte[] buffer = new byte[(int) Math.min(1 << 16, remaining + 1)];
      for (int got = payload.read(buffer); got >= 0; got = payload.read(buffer)) {
        stream.write(buffer, 0, got);
      }
    }
  }

  /**
   * Completes the file.
   *
   * @throws IllegalStateException if tensors are missing
   */
  public void finish() throws IOException {
    if (remaining > 0) {
      throw new IllegalStateException(incomplete());
    }
    if (next < tensors.size()) {
      throw new IllegalStateException(
          "tensor " + tensors.get(next).name() + " has not been written");
    }
    out.flush();
    if (file != null) {
      file.closeForCommit().commit();
    }
    finished = true;
  }

  /** Gives up unless {@link #finish} was called: then there is no file. */
  @Override
  public void close() throws IOException {
    if (!finished && file != null) {
      finished = true;
      file.close();
    }
  }

  private String incomplete() {
    return "tensor " + tensors.get(next - 1).name() + " lacks " + remaining + " bytes";
  }

  private static byte[] header(List<TensorHeader> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(new byte[Long.BYTES]);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        SortedMap<String, String> sorted = new TreeMap<>(metadata);
        json.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> entry : sorted.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      writeTensors(tensors, json);
      json.writeEndObject();
    }
    // Spaces up to a multiple of eight, so that the data begins aligned.
    while (bytes.size() % Long.BYTES != 0) {
      bytes.write(' ');
    }
    byte[] header = bytes.toByteArray();
    int length = header.length - Long.BYTES;
    if (length > SafetensorsHeader.MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "a header of " + length + " bytes is more than readers accept; write several files");
    }
    ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
    return header;
  }

  private static void writeTensors(List<TensorHeader> tensors, JsonGenerator json)
      throws IOException {
    Set<String> names = new HashSet<>();
    long offset = 0;
    for (TensorHeader tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException("tensor " + tensor.name() + " comes twice");
      }
      json.writeObjectFieldStart(tensor.name());
      json.writeStringField("dtype", tensor.dtype().label());
      json.writeFieldName("shape");
      long[] dims = tensor.shape().dims();
      json.writeArray(dims, 0, dims.length);
      json.writeFieldName("data_offsets");
      long end = Math.addExact(offset, tensor.sizeBytes());
      json.writeArray(new long[] {offset, end}, 0, 2);
      json.writeEndObject();
      offset = end;
    }
  }

  private final class TensorStream extends OutputStream {
    private final int index;

    TensorStream(int index) {
      this.index = index;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      if (index != next || length > remaining) {
        throw new IllegalStateException(
            "tensor " + tensors.get(index - 1).name() + " is given more bytes than it has");
      }
      out.write(bytes, offset, length);
      remaining -= length;
    }

    @Override
    public void close() {
      if (index == next && remaining > 0) {
        throw new IllegalStateException(incomplete());
      }
    }
  }
}
