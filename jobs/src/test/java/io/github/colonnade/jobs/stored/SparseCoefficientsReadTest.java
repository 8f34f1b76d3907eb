package io.github.colonnade.jobs.stored;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads coefficients of which only some are stored, and bytes that are none. */
class SparseCoefficientsReadTest {

  private static final TensorLocation BASIS = new TensorLocation("f.safetensors", "u");
  private static final TensorLocation COEFFICIENTS = new TensorLocation("f.safetensors", "c");

  @TempDir Path directory;

  private double[] read(String dtype, byte[] bytes, int rows, int columns) throws IOException {
    Tensor.write(
        directory.resolve("f.safetensors"),
        List.of(
            Tensor.of("u", dtype, new double[] {1, 0}, 1, 2),
            new Tensor("c", "U8", List.of((long) bytes.length), bytes)));
    try (StoredTensors stored =
        new StoredTensors(new org.apache.flink.core.fs.Path(directory.toUri()))) {
      return stored.coefficients(COEFFICIENTS, BASIS, rows, columns);
    }
  }

  @Test
  void readsTheTypeOfTheBasis() throws IOException {
    // 2×5 of which the first, the seventh and the last are stored.
    ByteBuffer bytes = ByteBuffer.allocate(2 + 3 * 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0b1000001).put((byte) 0b10).putDouble(3).putDouble(-4).putDouble(0.5);
    double[] expected = {3, 0, 0, 0, 0, 0, -4, 0, 0, 0.5};
    assertArrayEquals(expected, read("F64", bytes.array(), 2, 5));
    ByteBuffer floats = ByteBuffer.allocate(2 + 3 * 4).order(ByteOrder.LITTLE_ENDIAN);
    floats.put((byte) 0b1000001).put((byte) 0b10).putFloat(3).putFloat(-4).putFloat(0.5f);
    assertArrayEquals(expected, read("F32", floats.array(), 2, 5));
  }

  @Test
  void readsMoreThanIsReadAtATime() throws IOException {
    int count = 700_000;
    ByteBuffer bytes = ByteBuffer.allocate(count / 8 + 4 * count).order(ByteOrder.LITTLE_ENDIAN);
    double[] expected = new double[count];
    for (int i = 0; i < count / 8; i++) {
      bytes.put((byte) 0xFF);
    }
    for (int i = 0; i < count; i++) {
      expected[i] = i;
      bytes.putFloat(i);
    }
    assertArrayEquals(expected, read("F32", bytes.array(), 7, count / 7));
  }

  /** 3×3 coefficients are two bytes of bits and a number of four bytes for each that is set. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "07",
        "0100",
        "0100000000",
        "03000000803F",
        "01000000803F0000803F",
        "00020000803F",
        "FF010000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F0000803F"
      })
  void saysWhatIsWrong(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    FormatException e = assertThrows(FormatException.class, () -> read("F32", bytes, 3, 3));
    assertEquals(true, e.getMessage().startsWith("f.safetensors: tensor \"c\": "), e.getMessage());
  }

  @Test
  void fewerBytesThanBitsAreRefusedHoweverMany() {
    byte[] bytes = Arrays.copyOf(new byte[] {1}, 8);
    assertThrows(FormatException.class, () -> read("F32", bytes, 1 << 20, 1 << 20));
  }
}
