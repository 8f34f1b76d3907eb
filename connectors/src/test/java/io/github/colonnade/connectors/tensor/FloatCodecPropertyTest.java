package io.github.colonnade.connectors.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class FloatCodecPropertyTest {

  private static double plainValue(DType dtype, ByteBuffer littleEndian, int index) {
    return switch (dtype) {
      case F64 -> littleEndian.getDouble(index * 8);
      case F32 -> littleEndian.getFloat(index * 4);
      case F16 -> HalfPrecision.f16ToFloat(littleEndian.getShort(index * 2));
      case BF16 -> HalfPrecision.bf16ToFloat(littleEndian.getShort(index * 2));
      default -> throw new IllegalArgumentException();
    };
  }

  private static final DType[] FLOATS = {DType.F64, DType.F32, DType.F16, DType.BF16};

  @Property(tries = 200)
  void decodesWhatElementAccessReads(@ForAll @Size(48) byte[] bytes) {
    ByteBuffer plain = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (DType dtype : FLOATS) {
      int count = bytes.length / dtype.sizeBytes() - 1;
      float[] floats = new float[count + 2];
      double[] doubles = new double[count + 2];
      // Big-endian and from the second element on: neither may matter.
      ByteBuffer source = ByteBuffer.wrap(bytes).position(dtype.sizeBytes());
      FloatCodec.decode(dtype, source, floats, 1, count);
      assertEquals(bytes.length, source.position());
      FloatCodec.decode(dtype, source.position(dtype.sizeBytes()), doubles, 1, count);
      for (int i = 0; i < count; i++) {
        double expected = plainValue(dtype, plain, i + 1);
        assertEquals(expected, doubles[i + 1]);
        assertEquals((float) expected, floats[i + 1]);
      }
      assertEquals(0, doubles[0] + doubles[count + 1] + floats[0] + floats[count + 1]);
    }
  }

  @Property(tries = 200)
  void encodesTheNearestNumber(@ForAll @Size(5) double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    for (DType dtype : FLOATS) {
      ByteBuffer fromDoubles = ByteBuffer.allocate(1 + 4 * dtype.sizeBytes()).position(1);
      FloatCodec.encode(dtype, values, 1, 4, fromDoubles);
      assertEquals(fromDoubles.limit(), fromDoubles.position());
      ByteBuffer fromFloats = ByteBuffer.allocate(1 + 4 * dtype.sizeBytes()).position(1);
      FloatCodec.encode(dtype, floats, 1, 4, fromFloats);
      ByteBuffer doubles =
          fromDoubles.slice(1, 4 * dtype.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer singles =
          fromFloats.slice(1, 4 * dtype.sizeBytes()).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < 4; i++) {
        assertEquals(rounded(dtype, values[i + 1]), plainValue(dtype, doubles, i));
        assertEquals(rounded(dtype, floats[i + 1]), plainValue(dtype, singles, i));
      }
    }
  }

  private static double rounded(DType dtype, double value) {
    return switch (dtype) {
      case F64 -> value;
      case F32 -> (float) value;
      case F16 -> HalfPrecision.f16ToFloat(HalfPrecision.doubleToF16(value));
      case BF16 -> HalfPrecision.bf16ToFloat(HalfPrecision.doubleToBf16(value));
      default -> throw new IllegalArgumentException();
    };
  }

  @Example
  void refusesOtherTypes() {
    ByteBuffer buffer = ByteBuffer.allocate(8);
    assertThrows(
        IllegalArgumentException.class,
        () -> FloatCodec.decode(DType.I32, buffer, new float[1], 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> FloatCodec.encode(DType.C64, new double[1], 0, 1, buffer));
    assertArrayEquals(new byte[8], buffer.array());
    assertEquals(0, buffer.position());
  }
}
