package io.github.colonnade.connectors.write;

import io.github.colonnade.connectors.format.SafetensorsHeader;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.util.IOUtils;

/** A safetensors file open for reading at any place; its header is read once. */
public final class SafetensorsFile implements Closeable {
  private final SafetensorsHeader header;
  private final Map<String, TensorInfo> byName = new HashMap<>();
  private final String source;
  private final FSDataInputStream in;

  private SafetensorsFile(SafetensorsHeader header, String source, FSDataInputStream in) {
    this.header = header;
    this.source = source;
    this.in = in;
    for (TensorInfo tensor : header.tensors()) {
      byName.put(tensor.name(), tensor);
    }
  }

  /**
   * Opens a file.
   *
   * @throws FormatException if it is not there or not a sound safetensors file
   */
  public static SafetensorsFile open(Path file) throws IOException {
    return new SafetensorsFile(
        SafetensorsHeader.read(file), file.toString(), InputFiles.open(file));
  }

  /** All tensors, in the order of their data. */
  public List<TensorInfo> tensors() {
    return header.tensors();
  }

  /** The entries of {@code __metadata__}. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The tensor of this name, if there is one. */
  public Optional<TensorInfo> tensor(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * Bytes [fromByte, fromByte + length) of a tensor.
   *
   * @throws FormatException if there is no such tensor, or the file has become shorter
   * @throws IllegalArgumentException if the range is not within the tensor
   */
  public byte[] read(String name, long fromByte, int length) throws IOException {
    TensorInfo tensor = byName.get(name);
    if (tensor == null) {
      throw FormatException.of(source, name, "the file has no such tensor; check the name");
    }
    if (fromByte < 0 || length < 0 || fromByte > tensor.sizeBytes() - length) {
      throw new IllegalArgumentException(
          length + " bytes from byte " + fromByte + " asked of a tensor of " + tensor.sizeBytes());
    }
    byte[] bytes = new byte[length];
    if (length > 0) {
      in.seek(((Payload.ByteRange) tensor.payload()).offset() + fromByte);
      try {
        IOUtils.readFully(in, bytes, 0, length);
      } catch (EOFException e) {
        throw FormatException.of(source, name, "the file has become shorter; get it again")
            .causedBy(e);
      }
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
