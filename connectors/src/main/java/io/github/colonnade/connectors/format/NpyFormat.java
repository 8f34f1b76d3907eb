package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.flink.core.fs.Path;

/** A single array as numpy saves it. The tensor has the file's name without {@code .npy}. */
public final class NpyFormat implements TensorFormat {
  static final String ENDING = ".npy";

  @Override
  public String name() {
    return "npy";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(ENDING);
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return NpyHeader.hasMagic(head);
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    String source = file.toString();
    String name = baseName(file.getName());
    long fileBytes = InputFiles.length(file);
    NpyHeader header;
    try (InputStream in = InputFiles.range(file, 0, fileBytes)) {
      header = NpyHeader.read(source, name, in);
    }
    Payload.ByteRange payload =
        new Payload.ByteRange(
            source, header.bytes(), fileBytes - header.bytes(), header.arrangement());
    return List.of(header.tensor(source, name, payload));
  }

  static String baseName(String fileName) {
    return fileName.endsWith(ENDING)
        ? fileName.substring(0, fileName.length() - ENDING.length())
        : fileName;
  }
}
