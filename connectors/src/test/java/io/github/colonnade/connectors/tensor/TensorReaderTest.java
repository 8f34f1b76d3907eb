package io.github.colonnade.connectors.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorReaderTest {
  @TempDir Path folder;

  /** Shorts 0, 1, 2 … of a 3×4×5 array in row-major order, written in an arrangement. */
  private static byte[] written(Arrangement arrangement) {
    ByteOrder order = arrangement.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ByteBuffer bytes = ByteBuffer.allocate(120).order(order);
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 4; j++) {
        for (int k = 0; k < 5; k++) {
          int place = arrangement.isColumnMajor() ? i + 3 * (j + 4 * k) : k + 5 * (j + 4 * i);
          bytes.putShort(2 * place, (short) (k + 5 * (j + 4 * i)));
        }
      }
    }
    return bytes.array();
  }

  @ParameterizedTest
  @EnumSource
  void everyArrangementReadsAsTheCanonicalOne(Arrangement arrangement) throws IOException {
    byte[] canonical = written(Arrangement.CANONICAL);
    TensorInfo tensor =
        TestFiles.tensor(folder, DType.I16, arrangement, written(arrangement), 3, 4, 5);
    assertArrayEquals(canonical, TestFiles.drain(TensorReader.open(tensor)));
    for (int from : new int[] {0, 1, 2, 37, 119, 120}) {
      for (int length : new int[] {0, 1, 5, 120 - from}) {
        if (from + length <= 120) {
          assertArrayEquals(
              Arrays.copyOfRange(canonical, from, from + length),
              TestFiles.drain(TensorReader.open(tensor, from, length)));
        }
      }
    }
    assertThrows(IllegalArgumentException.class, () -> TensorReader.open(tensor, 100, 21));
    assertThrows(IllegalArgumentException.class, () -> TensorReader.open(tensor, -1, 2));
  }

  @Test
  void bigEndianComplexNumbersKeepTheOrderOfTheirParts() throws IOException {
    byte[] payload =
        ByteBuffer.allocate(16).putFloat(1).putFloat(2).putFloat(3).putFloat(4).array();
    TensorInfo tensor = TestFiles.tensor(folder, DType.C64, Arrangement.BIG_ENDIAN, payload, 2);
    ByteBuffer read =
        ByteBuffer.wrap(TestFiles.drain(TensorReader.open(tensor))).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(1, read.getFloat());
    assertEquals(2, read.getFloat());
    assertEquals(3, read.getFloat());
  }

  @Test
  void largeBigEndianTensorsStream() throws IOException {
    int count = 300_000;
    ByteBuffer payload = ByteBuffer.allocate(count * 4);
    for (int i = 0; i < count; i++) {
      payload.putInt(i * 31);
    }
    TensorInfo tensor =
        TestFiles.tensor(folder, DType.I32, Arrangement.BIG_ENDIAN, payload.array(), count);
    ByteBuffer read =
        ByteBuffer.wrap(TestFiles.drain(TensorReader.open(tensor))).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      assertEquals(i * 31, read.getInt());
    }
  }

  @Test
  void aFileThatEndsEarlyIsNamed() {
    String path =
        TestFiles.flink(TestFiles.write(folder.resolve("short.raw"), new byte[10])).toString();
    for (Arrangement arrangement : Arrangement.values()) {
      TensorInfo tensor =
          new TensorInfo(
              path,
              "t",
              DType.F32,
              Shape.of(2, 2),
              new Payload.ByteRange(path, 2, 16, arrangement));
      FormatException e =
          assertThrows(FormatException.class, () -> TestFiles.drain(TensorReader.open(tensor)));
      assertTrue(e.getMessage().startsWith("short.raw: the file ends at byte 10"), e.getMessage());
    }
  }

  /** More bytes than are read at once, and sides that are no multiples of anything. */
  @ParameterizedTest
  @EnumSource(names = {"U8", "F16", "F32", "F64"})
  void columnsBecomeRows(DType dtype) throws IOException {
    int rows = 1201;
    int columns = 997;
    int size = dtype.sizeBytes();
    byte[] payload = TestFiles.random(1, rows * columns * size);
    TensorInfo tensor =
        TestFiles.tensor(folder, dtype, Arrangement.COLUMN_MAJOR, payload, rows, columns);
    byte[] read = TestFiles.drain(TensorReader.open(tensor));
    assertEquals(payload.length, read.length);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int from = (c * rows + r) * size;
        int to = (r * columns + c) * size;
        assertTrue(Arrays.equals(payload, from, from + size, read, to, to + size), r + ", " + c);
      }
    }
  }

  /** Columns of which 4, and not one, are read together; a row and a column. */
  @ParameterizedTest
  @CsvSource({"250000, 5", "1100000, 2", "3, 400000", "1, 50000", "50000, 1"})
  void tallColumnsBecomeRows(int rows, int columns) throws IOException {
    byte[] payload = TestFiles.random(1, rows * columns * 4);
    ByteBuffer stored = ByteBuffer.wrap(payload);
    TensorInfo tensor =
        TestFiles.tensor(folder, DType.F32, Arrangement.COLUMN_MAJOR, payload, rows, columns);
    ByteBuffer read = ByteBuffer.wrap(TestFiles.drain(TensorReader.open(tensor)));
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        assertEquals(stored.getInt((c * rows + r) * 4), read.getInt());
      }
    }
    assertFalse(read.hasRemaining());
    boolean moved = rows > 1 && columns > 1;
    assertEquals(moved ? payload.length : 0, TensorReader.openBytes(tensor));
  }

  @Test
  void columnMajorTensorsBeyondTheLimitAreRefusedUnread() {
    long rows = TensorReader.MAX_REORDERED_BYTES / 8 + 1;
    Payload payload = new Payload.ByteRange("file:/none", 0, rows * 8, Arrangement.COLUMN_MAJOR);
    TensorInfo tensor = new TensorInfo("file:/none", "t", DType.F32, Shape.of(rows, 2), payload);
    FormatException e =
        assertThrows(FormatException.class, () -> TensorReader.open(tensor).close());
    assertTrue(e.getMessage().contains("column-major"), e.getMessage());
  }

  @Test
  void streamsEndWhereTheTensorEnds() throws IOException {
    TensorInfo tensor =
        TestFiles.tensor(folder, DType.U8, Arrangement.CANONICAL, new byte[] {7, 8, 9}, 3);
    try (InputStream in = TensorReader.open(tensor)) {
      assertEquals(7, in.read());
      assertEquals(2, in.skip(100));
      assertEquals(-1, in.read());
      assertEquals(-1, in.read(new byte[4], 0, 4));
    }
  }
}
