package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** MAT-files as MATLAB may write them and scipy does not. */
class MatlabFormatTest {
  private static final int DOUBLE_CLASS = 6;

  @TempDir private Path folder = Path.of("");

  private static byte[] header(ByteOrder order) {
    ByteBuffer header = ByteBuffer.allocate(128).order(order);
    header.put("MATLAB 5.0 MAT-file".getBytes(StandardCharsets.US_ASCII));
    header.putShort(124, (short) 0x100).putShort(126, (short) ('M' << 8 | 'I'));
    return header.array();
  }

  private static byte[] element(ByteOrder order, int type, byte[] data) {
    ByteBuffer element = ByteBuffer.allocate(8 + (data.length + 7) / 8 * 8).order(order);
    return element.putInt(type).putInt(data.length).put(data).array();
  }

  /** A variable "a" of shape rows×columns whose numbers are {@code numbers}, an element. */
  private static byte[] matrix(ByteOrder order, int flags, int rows, int columns, byte[] numbers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(element(order, 6, ByteBuffer.allocate(8).order(order).putInt(flags).array()));
    out.writeBytes(
        element(
            order, 5, ByteBuffer.allocate(8).order(order).putInt(rows).putInt(columns).array()));
    out.writeBytes(element(order, 1, new byte[] {'a'}));
    out.writeBytes(numbers);
    return element(order, 14, out.toByteArray());
  }

  private List<TensorInfo> list(byte[]... parts) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    Path file = TestFiles.write(folder.resolve("made.mat"), out.toByteArray());
    return TensorLister.list(List.of(file.toString())).tensors();
  }

  private static double[] doubles(TensorInfo tensor) throws IOException {
    assertEquals(DType.F64, tensor.dtype());
    ByteBuffer bytes =
        ByteBuffer.wrap(TestFiles.drain(TensorReader.open(tensor))).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(values);
    return values;
  }

  @ParameterizedTest
  @CsvSource({"1, -3", "2, 253", "3, -3", "4, 65533", "5, -3", "6, 4294967293", "7, -3", "9, -3"})
  void widensNumbersThatAreStoredShort(int type, double third) throws IOException {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      ByteBuffer numbers = ByteBuffer.allocate(48).order(order);
      for (int value : new int[] {1, 2, -3, 4, 5, 6}) {
        switch (type) {
          case 1, 2 -> numbers.put((byte) value);
          case 3, 4 -> numbers.putShort((short) value);
          case 5, 6 -> numbers.putInt(value);
          case 7 -> numbers.putFloat(value);
          default -> numbers.putDouble(value);
        }
      }
      byte[] data = Arrays.copyOf(numbers.array(), numbers.position());
      List<TensorInfo> tensors =
          list(header(order), matrix(order, DOUBLE_CLASS, 2, 3, element(order, type, data)));
      assertEquals(Shape.of(2, 3), tensors.get(0).shape());
      assertArrayEquals(new double[] {1, third, 5, 2, 4, 6}, doubles(tensors.get(0)));
    }
  }

  @Test
  void readsNumbersInTheTag() throws IOException {
    byte[] small =
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 2)
            .putShort((short) 3)
            .put(new byte[] {7, 8, 9, 0})
            .array();
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    TensorInfo tensor = list(header(order), matrix(order, DOUBLE_CLASS, 1, 3, small)).get(0);
    assertArrayEquals(new double[] {7, 8, 9}, doubles(tensor));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void refusesWhatHoldsOtherVariables(int arrayClass) {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    byte[] matrix = matrix(order, arrayClass, 1, 1, element(order, 9, new byte[8]));
    FormatException refusal =
        assertThrows(FormatException.class, () -> list(header(order), matrix));
    assertTrue(refusal.getMessage().contains("\"a\""), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("; save"), refusal.getMessage());
  }

  @Test
  void logicalNumbersOfEightBytesAreNumbers() throws IOException {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    byte[] numbers = ByteBuffer.allocate(16).order(order).putDouble(1).putDouble(0).array();
    byte[] matrix = matrix(order, 0x200 | DOUBLE_CLASS, 1, 2, element(order, 9, numbers));
    assertArrayEquals(new double[] {1, 0}, doubles(list(header(order), matrix).get(0)));
  }

  @Test
  void refusesObjectsWithoutDimensions() {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(element(order, 6, ByteBuffer.allocate(8).order(order).putInt(17).array()));
    for (String text : List.of("readings", "MCOS", "table")) {
      out.writeBytes(element(order, 1, text.getBytes(StandardCharsets.US_ASCII)));
    }
    byte[] numbers = element(order, 6, new byte[24]);
    out.writeBytes(matrix(order, 13, 6, 1, numbers));
    byte[] object = element(order, 14, out.toByteArray());
    FormatException refusal =
        assertThrows(FormatException.class, () -> list(header(order), object));
    assertTrue(refusal.getMessage().contains("\"readings\""), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("an object"), refusal.getMessage());
  }

  @Test
  void refusesNumbersThatTheShapeDoesNotHave() {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    byte[] matrix = matrix(order, DOUBLE_CLASS, 1 << 30, 1 << 30, element(order, 9, new byte[8]));
    FormatException refusal =
        assertThrows(FormatException.class, () -> list(header(order), matrix));
    assertTrue(refusal.getMessage().contains("dimensions"), refusal.getMessage());
  }

  @Test
  void refusesBombs() {
    ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    ByteBuffer huge = ByteBuffer.allocate(8).order(order).putInt(14).putInt(0x7ffffff8);
    Deflater deflater = new Deflater();
    deflater.setInput(huge.array());
    deflater.finish();
    byte[] deflated = new byte[100];
    int length = deflater.deflate(deflated);
    deflater.end();
    byte[] bomb = element(order, 15, Arrays.copyOf(deflated, length));
    FormatException refusal = assertThrows(FormatException.class, () -> list(header(order), bomb));
    assertTrue(refusal.getMessage().contains("2147483640 bytes"), refusal.getMessage());
  }
}
