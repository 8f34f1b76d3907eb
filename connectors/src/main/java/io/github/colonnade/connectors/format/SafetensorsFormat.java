package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.Path;

/** A single safetensors file. */
public final class SafetensorsFormat implements TensorFormat {
  @Override
  public String name() {
    return "safetensors";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(".safetensors");
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    if (head.length < 10 || head[8] != '{') {
      return false;
    }
    long length = SafetensorsHeader.littleEndianLong(head);
    return length >= 2 && length <= SafetensorsHeader.MAX_HEADER_BYTES;
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    return SafetensorsHeader.read(file).tensors();
  }
}
