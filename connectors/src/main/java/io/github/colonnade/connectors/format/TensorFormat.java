package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.Path;

/** One kind of file that holds tensors. */
public interface TensorFormat {
  /** Name for messages, as in {@code safetensors}. */
  String name();

  /** Whether a file of this name, the last path component, is by custom of this format. */
  boolean acceptsName(String fileName);

  /**
   * Whether a file that begins with these bytes is of this format.
   *
   * @param head the first bytes, {@link Formats#HEAD_BYTES} or the whole of a shorter file; not
   *     modified
   */
  boolean acceptsContent(byte[] head);

  /**
   * The tensors of a file, in the order of their data.
   *
   * @throws io.github.colonnade.connectors.io.FormatException if the file is not there or not sound
   * @throws IOException if the storage fails
   */
  List<TensorInfo> list(Path file) throws IOException;
}
