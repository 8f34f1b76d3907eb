package io.github.colonnade.tests.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a safetensors file of float32 blocks, in the order of their names. */
final class BlockFile {

  private BlockFile() {}

  static DataSet read(Path path) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    int header = Math.toIntExact(file.getLong());
    Map<String, JsonNode> tensors = new TreeMap<>();
    new ObjectMapper()
        .readTree(file.array(), Long.BYTES, header)
        .properties()
        .forEach(each -> tensors.put(each.getKey(), each.getValue()));
    tensors.remove("__metadata__");
    List<float[]> blocks = new ArrayList<>(tensors.size());
    int m = 0;
    for (JsonNode tensor : tensors.values()) {
      m = tensor.get("shape").get(0).asInt();
      int n = tensor.get("shape").get(1).asInt();
      int at = Long.BYTES + header + tensor.get("data_offsets").get(0).asInt();
      float[] block = new float[m * n];
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++, at += Float.BYTES) {
          block[i + j * m] = file.getFloat(at);
        }
      }
      blocks.add(block);
    }
    return new DataSet(m, blocks);
  }
}
