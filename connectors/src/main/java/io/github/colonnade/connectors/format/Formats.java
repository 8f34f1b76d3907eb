package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/** The formats that are known, and which of them a file has. */
public final class Formats {
  /** Bytes from the start of a file that tell its format. */
  public static final int HEAD_BYTES = 1024;

  // Safetensors comes before pickle: a header's length may begin with the bytes of a pickle's
  // protocol, but a pickle does not go on as a safetensors file.
  private static final List<TensorFormat> ALL =
      List.of(
          new SafetensorsFormat(),
          new NpyFormat(),
          new PickleRefusal(),
          new NpzFormat(),
          new GgufFormat(),
          new Hdf5Format(),
          new MatlabFormat(),
          new TiffFormat(),
          new MatrixMarketFormat(),
          new OnnxFormat(),
          new SafetensorsIndex());

  /** The formats, for messages. */
  static final String NAMES = "safetensors, npy, npz, onnx, gguf, hdf5, mat, tiff or mtx";

  private Formats() {}

  /** The format that a file of this name has by custom. */
  public static Optional<TensorFormat> byName(String fileName) {
    return ALL.stream().filter(format -> format.acceptsName(fileName)).findFirst();
  }

  /**
   * The format of a file: by its content; where that says nothing, by its name.
   *
   * @throws FormatException if the file is not there, is empty, or neither tells a format
   */
  public static TensorFormat of(Path file) throws IOException {
    byte[] head = InputFiles.head(file, HEAD_BYTES);
    if (head.length == 0) {
      throw FormatException.of(file.toString(), "the file is empty; get it again");
    }
    return ALL.stream()
        .filter(format -> format.acceptsContent(head))
        .findFirst()
        .or(() -> byName(file.getName()))
        .orElseThrow(
            () ->
                FormatException.of(
                    file.toString(), "this is no file of a known format; give " + NAMES));
  }
}
