package io.github.colonnade.svd.partition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A collection of test resources with the answers it must give in double precision. */
record Fixture(String name, JsonNode expected, int rows, int columns, List<double[]> blocks) {

  static final List<String> NAMES = List.of("advection", "mimo", "minilm", "sar");

  static Fixture load(String name) {
    ObjectMapper json = new ObjectMapper();
    try {
      ByteBuffer file = ByteBuffer.wrap(bytes(name + ".safetensors"));
      file.order(ByteOrder.LITTLE_ENDIAN);
      int header = Math.toIntExact(file.getLong());
      Map<String, JsonNode> tensors = new TreeMap<>();
      json.readTree(file.array(), 8, header)
          .properties()
          .forEach(e -> tensors.put(e.getKey(), e.getValue()));
      List<double[]> blocks = new ArrayList<>();
      int m = 0;
      int n = 0;
      for (JsonNode tensor : tensors.values()) {
        if (!tensor.has("shape")) {
          continue;
        }
        m = tensor.get("shape").get(0).asInt();
        n = tensor.get("shape").get(1).asInt();
        int at = 8 + header + tensor.get("data_offsets").get(0).asInt();
        double[] block = new double[m * n];
        for (int i = 0; i < m; i++) {
          for (int j = 0; j < n; j++) {
            block[i + j * m] = file.getFloat(at + 4 * (i * n + j));
          }
        }
        blocks.add(block);
      }
      return new Fixture(name, json.readTree(bytes(name + ".expected.json")), m, n, blocks);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String file) throws IOException {
    try (InputStream in = Fixture.class.getResourceAsStream("/fixtures/" + file)) {
      return in.readAllBytes();
    }
  }

  double limit() {
    return expected.get("eps").asDouble();
  }

  int rank() {
    return expected.get("rank").asInt();
  }

  PartitionSettings settings() {
    return new PartitionSettings(
        new ErrorLimit(limit(), Scope.CLUSTER),
        rank(),
        rank(),
        expected.get("patience").asInt(),
        expected.get("oversampling").asInt());
  }

  /** The named blocks, without loss. */
  Family family(LinearAlgebra la, Precision precision, List<Integer> positions) {
    List<BlockSketch> sketches = new ArrayList<>();
    for (int position : positions) {
      Matrix d = la.fromColumns(blocks.get(position), rows, columns);
      Matrix a = la.cast(d, precision);
      d.close();
      sketches.add(BlockSketch.lossless(la, a));
    }
    return new Family(la, precision, rows, sketches);
  }
}
