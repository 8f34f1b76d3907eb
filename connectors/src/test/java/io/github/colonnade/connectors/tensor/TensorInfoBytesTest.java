package io.github.colonnade.connectors.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.tensor.Payload.FieldEncoding;
import io.github.colonnade.connectors.tensor.Payload.ZipMethod;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TensorInfoBytesTest {

  private static Stream<Payload> payloads() {
    return Stream.of(
        new Payload.ByteRange("file:/a", 3, 256, Arrangement.BIG_ENDIAN),
        new Payload.ZipEntryRange(
            "file:/b", "c.npy", ZipMethod.DEFLATED, 1, 2, 3, 256, 5, Arrangement.COLUMN_MAJOR),
        new Payload.ProtobufField("file:/d", 7, 8, 9, FieldEncoding.FIXED64),
        new Payload.Quantized("file:/e", 10, 36, Quantization.Q4_0),
        new Payload.Decoded(
            "file:/f", Payload.Container.HDF5, 11, 1, 2, Arrangement.COLUMN_MAJOR_BIG_ENDIAN));
  }

  @ParameterizedTest
  @MethodSource("payloads")
  void comesBackAsItWas(Payload payload) throws IOException {
    TensorInfo tensor = new TensorInfo("file:/ß", "t", DType.F32, Shape.of(2, 32), payload);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TensorInfoBytes.write(tensor, new DataOutputStream(bytes));
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
    assertEquals(tensor, TensorInfoBytes.read(in));
    assertEquals(-1, in.read());
  }

  @Test
  void quantizedNumbersAreWholeBlocksAndAsManyAsTheShapeSays() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Payload.Quantized("file:/e", 10, 35, Quantization.Q4_0));
    Payload payload = new Payload.Quantized("file:/e", 10, 36, Quantization.Q4_0);
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorInfo("file:/e", "t", DType.F32, Shape.of(32), payload));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorInfo("file:/e", "t", DType.F64, Shape.of(64), payload));
  }
}
