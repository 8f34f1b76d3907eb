package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsWriter;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.stored.CompressedDirectories.Of;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The files that a test compresses. */
final class OriginalFiles {
  private static final int NPY_HEADER_BYTES = 128;

  private final Path directory;
  private final Map<String, List<TensorHeader>> safetensors = new LinkedHashMap<>();
  private final Map<String, List<TensorHeader>> others = new TreeMap<>();
  private final Map<String, byte[]> contents = new TreeMap<>();
  private final Map<String, byte[]> payloads = new LinkedHashMap<>();

  OriginalFiles(Path directory) {
    this.directory = directory;
  }

  /** Adds a tensor to a safetensors file. */
  void tensor(String file, TensorHeader header, byte[] payload) {
    safetensors.computeIfAbsent(file, key -> new ArrayList<>()).add(header);
    payloads.put(key(file, header.name()), payload);
  }

  /** A file without tensors. */
  void file(String path, byte[] content) {
    contents.put(path, content);
  }

  /** A one-dimensional npy file of little-endian doubles. */
  void npy(String path, String tensor, double... values) {
    String dictionary =
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + values.length + ",), }";
    int padding = NPY_HEADER_BYTES - 10 - dictionary.length() - 1;
    ByteBuffer bytes = ByteBuffer.allocate(NPY_HEADER_BYTES + 8 * values.length);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
    bytes.put((dictionary + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII));
    FloatCodec.encode(DType.F64, values, 0, values.length, bytes);
    contents.put(path, bytes.array());
    others.put(path, List.of(new TensorHeader(tensor, DType.F64, Shape.of(values.length))));
    payloads.put(
        key(path, tensor),
        Arrays.copyOfRange(bytes.array(), NPY_HEADER_BYTES, bytes.array().length));
  }

  void write() throws IOException {
    for (Map.Entry<String, List<TensorHeader>> file : safetensors.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      try (OutputStream out = Files.newOutputStream(path);
          SafetensorsWriter writer = SafetensorsWriter.begin(out, file.getValue(), Map.of())) {
        for (TensorHeader tensor : file.getValue()) {
          try (OutputStream stream = writer.tensor(tensor.name())) {
            stream.write(payload(file.getKey(), tensor.name()));
          }
        }
        writer.finish();
      }
    }
    for (Map.Entry<String, byte[]> file : contents.entrySet()) {
      Path path = directory.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  /** Files and tensors in order, as {@code source#name}. */
  List<String> order() {
    List<String> order = new ArrayList<>();
    headers()
        .forEach(
            (file, headers) -> headers.forEach(header -> order.add(key(uri(file), header.name()))));
    return order;
  }

  long numbers() {
    return headers().values().stream()
        .flatMap(List::stream)
        .mapToLong(header -> header.shape().elements())
        .sum();
  }

  /** The bytes of the files that hold tensors. */
  long sizeBytes() throws IOException {
    long bytes = 0;
    for (String file : headers().keySet()) {
      bytes += Files.size(directory.resolve(file));
    }
    return bytes;
  }

  /** As Flink writes it. */
  String uri(String file) {
    return directory.resolve(file).toUri().toString().replaceFirst("^file:///", "file:/");
  }

  TensorHeader header(String file, String name) {
    return headers().getOrDefault(file, List.of()).stream()
        .filter(header -> header.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  byte[] payload(String file, String tensor) {
    return Objects.requireNonNull(payloads.get(key(file, tensor)));
  }

  /** The bytes of a block: its columns lie together, unless it is the whole tensor. */
  byte[] bytes(Of of) {
    byte[] all = payload(of.file(), of.tensor());
    int size = header(of.file(), of.tensor()).dtype().sizeBytes() * of.rows();
    return of.isWhole() ? all : Arrays.copyOfRange(all, of.from() * size, of.to() * size);
  }

  /** The numbers of a block, column after column. */
  double[] matrix(Of of) {
    byte[] bytes = bytes(of);
    DType dtype = header(of.file(), of.tensor()).dtype();
    double[] values = new double[bytes.length / dtype.sizeBytes()];
    FloatCodec.decode(dtype, ByteBuffer.wrap(bytes), values, 0, values.length);
    return of.layout() == Layout.COLUMN_MAJOR
        ? values
        : PlainFactors.transposed(values, values.length / of.rows(), of.rows());
  }

  private Map<String, List<TensorHeader>> headers() {
    Map<String, List<TensorHeader>> all = new LinkedHashMap<>(safetensors);
    all.putAll(others);
    return all;
  }

  private static String key(String file, String tensor) {
    return file + "#" + tensor;
  }
}
