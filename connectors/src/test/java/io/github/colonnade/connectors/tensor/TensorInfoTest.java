package io.github.colonnade.connectors.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TensorInfoTest {

  private static TensorInfo tensor(DType dtype, Shape shape, long length) {
    return new TensorInfo(
        "file:/a",
        "t",
        dtype,
        shape,
        new Payload.ByteRange("file:/a", 0, length, Arrangement.CANONICAL));
  }

  @Test
  void countsElementsAndBytes() {
    TensorInfo tensor = tensor(DType.BF16, Shape.of(3, 5), 30);
    assertEquals(15, tensor.elements());
    assertEquals(30, tensor.sizeBytes());
    assertEquals(1, Shape.of().elements());
    assertEquals(0, Shape.of(3, 0).elements());
    assertEquals(6, DType.F6_E2M3.payloadBytes(8));
  }

  @Test
  void refusesSizesThatDoNotFit() {
    assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -1));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(1L << 32, 1L << 31));
    assertThrows(IllegalArgumentException.class, () -> tensor(DType.F64, Shape.of(1L << 60, 2), 0));
    assertThrows(IllegalArgumentException.class, () -> tensor(DType.F32, Shape.of(3), 11));
    assertThrows(IllegalArgumentException.class, () -> tensor(DType.F4, Shape.of(3), 2));
    assertThrows(UnsupportedOperationException.class, DType.F4::sizeBytes);
  }

  @Test
  void namesEveryTypeAsSafetensorsDoes() {
    for (DType dtype : DType.values()) {
      assertEquals(dtype, DType.ofLabel(dtype.label()).orElseThrow());
    }
    assertTrue(DType.ofLabel("f32").isEmpty());
    assertEquals(
        Arrays.asList(DType.F16, DType.BF16, DType.F32, DType.F64),
        Arrays.stream(DType.values()).filter(DType::isFloat).toList());
  }

  @Test
  void doesNotShareItsDimensions() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.dims()[1] = 9;
    assertEquals(Shape.of(2, 3), shape);
    assertEquals("[2, 3]", shape.toString());
  }

  @Test
  void survivesJavaSerialization() throws IOException, ClassNotFoundException {
    TensorInfo tensor = tensor(DType.F32, Shape.of(2, 2), 16);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(tensor);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertEquals(tensor, in.readObject());
    }
  }
}
