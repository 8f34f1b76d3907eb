package io.github.colonnade.jobs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A tensor with its bytes, and safetensors files of such, read and written without the program's
 * own reader and writer.
 */
public record Tensor(String name, String dtype, List<Long> shape, byte[] bytes) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A tensor of one of the four float types. */
  public static Tensor of(String name, String dtype, double[] values, long... shape) {
    DType type = DType.ofLabel(dtype).orElseThrow();
    byte[] bytes = new byte[values.length * type.sizeBytes()];
    FloatCodec.encode(type, values, 0, values.length, ByteBuffer.wrap(bytes));
    return new Tensor(name, dtype, LongStream.of(shape).boxed().toList(), bytes);
  }

  /** The numbers in the order of the file. */
  public double[] values() {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[Math.toIntExact(elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case "F64" -> buffer.getDouble();
            case "F32" -> buffer.getFloat();
            case "BF16" -> Float.intBitsToFloat(buffer.getShort() << 16);
            case "F16" -> half(buffer.getShort());
            default -> throw new IllegalStateException(name + " is of type " + dtype);
          };
    }
    return values;
  }

  private static double half(short bits) {
    int exponent = bits >> 10 & 31;
    int fraction = bits & 1023;
    double size =
        exponent == 0
            ? Math.scalb((double) fraction, -24)
            : exponent == 31
                ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                : Math.scalb(1024.0 + fraction, exponent - 25);
    return bits < 0 ? -size : size;
  }

  public long elements() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /** Writes a file. */
  public static Path write(Path file, List<Tensor> tensors) {
    ObjectNode header = JSON.createObjectNode();
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (Tensor tensor : tensors) {
      ObjectNode entry = header.putObject(tensor.name);
      entry.put("dtype", tensor.dtype);
      tensor.shape.forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(data.size()).add(data.size() + tensor.bytes.length);
      data.writeBytes(tensor.bytes);
    }
    try {
      byte[] text = JSON.writeValueAsBytes(header);
      ByteBuffer bytes =
          ByteBuffer.allocate(Long.BYTES + text.length + data.size())
              .order(ByteOrder.LITTLE_ENDIAN);
      bytes.putLong(text.length).put(text).put(data.toByteArray());
      return Files.write(file, bytes.array());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tensors of a file by name, in the order of the header. */
  public static Map<String, Tensor> read(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      int length = Math.toIntExact(bytes.getLong());
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry :
          JSON.readTree(bytes.array(), Long.BYTES, length).properties()) {
        if (entry.getKey().equals("__metadata__")) {
          continue;
        }
        JsonNode tensor = entry.getValue();
        List<Long> shape =
            LongStream.range(0, tensor.get("shape").size())
                .mapToObj(i -> tensor.get("shape").get((int) i).asLong())
                .collect(Collectors.toList());
        int start = Long.BYTES + length;
        byte[] payload =
            Arrays.copyOfRange(
                bytes.array(),
                start + tensor.get("data_offsets").get(0).asInt(),
                start + tensor.get("data_offsets").get(1).asInt());
        tensors.put(
            entry.getKey(),
            new Tensor(entry.getKey(), tensor.get("dtype").asText(), shape, payload));
      }
      return tensors;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
