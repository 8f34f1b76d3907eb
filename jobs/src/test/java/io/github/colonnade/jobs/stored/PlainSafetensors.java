package io.github.colonnade.jobs.stored;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A safetensors file, read as the definition of the format says, without the code under test. */
public final class PlainSafetensors {
  private final Map<String, Tensor> tensors;

  private PlainSafetensors(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /**
   * A tensor.
   *
   * @param begin first byte in the file
   */
  public record Tensor(String dtype, List<Long> shape, byte[] bytes, int begin) {
    /** Its numbers, if they are floats. */
    public double[] values() {
      DType type = DType.valueOf(dtype);
      double[] values = new double[bytes.length / type.sizeBytes()];
      FloatCodec.decode(type, ByteBuffer.wrap(bytes), values, 0, values.length);
      return values;
    }
  }

  /** The names in the order of the data. */
  public List<String> names() {
    return List.copyOf(tensors.keySet());
  }

  public Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  public static PlainSafetensors read(Path file) throws IOException {
    byte[] all = Files.readAllBytes(file);
    int header = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
    JsonNode json = new ObjectMapper().readTree(all, 8, header);
    List<Map.Entry<String, Tensor>> tensors = new ArrayList<>();
    json.properties()
        .forEach(
            entry -> {
              if (entry.getKey().equals("__metadata__")) {
                return;
              }
              List<Long> shape = new ArrayList<>();
              entry.getValue().get("shape").forEach(size -> shape.add(size.asLong()));
              int begin = 8 + header + entry.getValue().get("data_offsets").get(0).asInt();
              int end = 8 + header + entry.getValue().get("data_offsets").get(1).asInt();
              tensors.add(
                  Map.entry(
                      entry.getKey(),
                      new Tensor(
                          entry.getValue().get("dtype").asText(),
                          shape,
                          Arrays.copyOfRange(all, begin, end),
                          begin)));
            });
    tensors.sort(
        Comparator.comparingInt((Map.Entry<String, Tensor> entry) -> entry.getValue().begin())
            .thenComparing(entry -> entry.getValue().bytes().length));
    Map<String, Tensor> byName = new LinkedHashMap<>();
    tensors.forEach(entry -> byName.put(entry.getKey(), entry.getValue()));
    return new PlainSafetensors(byName);
  }
}
