package io.github.colonnade.connectors.testing;

import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;

/** Files for tests. Paths of the Java platform here, of Flink in the code under test. */
public final class TestFiles {
  private TestFiles() {}

  /** A file of the test resources, as in {@code numpy/c_f4.npy}. */
  public static Path resource(String name) {
    URL url = Objects.requireNonNull(TestFiles.class.getResource("/" + name), name);
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a file, with its folders, and returns its path. */
  public static Path write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same file for Flink. */
  public static org.apache.flink.core.fs.Path flink(Path file) {
    return new org.apache.flink.core.fs.Path(file.toUri());
  }

  /** A safetensors file with this header text, followed by this many zero bytes of data. */
  public static byte[] safetensors(String header, int dataBytes) {
    return safetensors(header, new byte[dataBytes]);
  }

  /** A safetensors file with this header text, followed by this data. */
  public static byte[] safetensors(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(Long.BYTES + text.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  /** Seeded random bytes. */
  public static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** Writes {@code payload} to a file of its own and describes it as a tensor named "t". */
  public static TensorInfo tensor(
      Path folder, DType dtype, Arrangement arrangement, byte[] payload, long... dims) {
    // An odd offset: nothing may rely on alignment.
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {1, 2, 3});
    bytes.writeBytes(payload);
    bytes.writeBytes(new byte[] {4, 5});
    String path = flink(write(folder.resolve("tensor.raw"), bytes.toByteArray())).toString();
    return new TensorInfo(
        path,
        "t",
        dtype,
        Shape.of(dims),
        new Payload.ByteRange(path, 3, payload.length, arrangement));
  }

  /** All bytes of a stream, which is closed. */
  public static byte[] drain(InputStream stream) {
    try (InputStream in = stream) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
