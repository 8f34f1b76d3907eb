package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.HalfPrecision;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that numpy itself has written; their README tells the values. */
class NumpyReferenceTest {

  private static List<TensorInfo> list(String file) throws IOException {
    return TensorLister.list(List.of(TestFiles.resource("numpy/" + file).toString())).tensors();
  }

  /** The canonical bytes by the README's rule. */
  private static byte[] expected(DType dtype, int count) {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) dtype.payloadBytes(count)).order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < count; k++) {
      double real = k * 0.5 - 3;
      int whole = k * 7 - 3;
      switch (dtype) {
        case F64 -> bytes.putDouble(real);
        case F32 -> bytes.putFloat((float) real);
        case F16 -> bytes.putShort(HalfPrecision.doubleToF16(real));
        case C64 -> bytes.putFloat((float) real).putFloat((float) -real);
        case I64 -> bytes.putLong(whole);
        case I32 -> bytes.putInt(whole);
        case I16 -> bytes.putShort((short) whole);
        case BOOL -> bytes.put((byte) (k % 3 == 0 ? 1 : 0));
        default -> throw new IllegalArgumentException(dtype.label());
      }
    }
    return bytes.array();
  }

  @ParameterizedTest
  @CsvSource({
    "c_f4, F32, 3x5, CANONICAL",
    "fortran_f8, F64, 3x5, COLUMN_MAJOR",
    "big_f8, F64, 4x2, BIG_ENDIAN",
    "fortran_big_f2, F16, 5x4, COLUMN_MAJOR_BIG_ENDIAN",
    "fortran_i4_3d, I32, 2x3x4, COLUMN_MAJOR",
    "big_i2, I16, 6, BIG_ENDIAN",
    "bool, BOOL, 7, CANONICAL",
    "big_c8, C64, 2x3, BIG_ENDIAN",
    "scalar_f8, F64, '', CANONICAL",
    "empty_f4, F32, 0x3, CANONICAL",
    "version2_f4, F32, 3x5, CANONICAL",
    "version3_f4, F32, 3x5, CANONICAL",
  })
  void readsNpy(String name, DType dtype, String dims, Arrangement arrangement) throws IOException {
    TensorInfo tensor = list(name + ".npy").get(0);
    assertEquals(name, tensor.name());
    assertEquals(dtype, tensor.dtype());
    Shape shape =
        Shape.of(
            Arrays.stream(dims.split("x"))
                .filter(dim -> !dim.isEmpty())
                .map(Long::valueOf)
                .toList());
    assertEquals(shape, tensor.shape());
    assertEquals(arrangement, tensor.payload().arrangement());
    assertArrayEquals(
        expected(dtype, (int) shape.elements()), TestFiles.drain(TensorReader.open(tensor)));
  }

  @Test
  void readsUnsignedBytes() throws IOException {
    byte[] payload = TestFiles.drain(TensorReader.open(list("u1.npy").get(0)));
    for (int k = 0; k < 16; k++) {
      assertEquals(k * 7, payload[k]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz"})
  void readsNpz(String file) throws IOException {
    List<TensorInfo> tensors = list(file);
    assertEquals(
        List.of("b.weight", "a.weight", "steps", "half"),
        tensors.stream().map(TensorInfo::name).toList());
    for (TensorInfo tensor : tensors) {
      byte[] expected = expected(tensor.dtype(), (int) tensor.elements());
      assertArrayEquals(expected, TestFiles.drain(TensorReader.open(tensor)));
      int from = expected.length / 3;
      assertArrayEquals(
          Arrays.copyOfRange(expected, from, from + 9),
          TestFiles.drain(TensorReader.open(tensor, from, 9)));
      Payload.ZipEntryRange range = (Payload.ZipEntryRange) tensor.payload();
      assertEquals(
          file.startsWith("stored") ? Payload.ZipMethod.STORED : Payload.ZipMethod.DEFLATED,
          range.method());
    }
    TensorInfo fortran = tensors.get(1);
    assertEquals(Arrangement.COLUMN_MAJOR, fortran.payload().arrangement());
    assertEquals(Shape.of(40, 30), fortran.shape());
  }

  @Test
  void refusesObjectsAndWideComplexNumbers() {
    FormatException objects = assertThrows(FormatException.class, () -> list("object.npy"));
    assertTrue(objects.getMessage().contains("pickle"), objects.getMessage());
    FormatException complex = assertThrows(FormatException.class, () -> list("complex128.npy"));
    assertTrue(complex.getMessage().contains("<c16"), complex.getMessage());
  }
}
