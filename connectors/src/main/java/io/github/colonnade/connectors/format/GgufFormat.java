package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * The tensors of a GGUF file, versions 2 and 3, as llama.cpp writes it. Quantised tensors are read
 * as F32.
 */
public final class GgufFormat implements TensorFormat {
  @Override
  public String name() {
    return "gguf";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(".gguf");
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return head.length >= 4 && head[0] == 'G' && head[1] == 'G' && head[2] == 'U' && head[3] == 'F';
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    long fileBytes = InputFiles.length(file);
    try (InputStream in = new BufferedInputStream(InputFiles.range(file, 0, fileBytes), 1 << 16)) {
      return new GgufHeader(file.toString(), in, fileBytes).read();
    }
  }
}
