package io.github.colonnade.connectors.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * Bulk conversion between little-endian payload bytes and arrays, for the types of which {@link
 * DType#isFloat()} holds. Buffers are used from their position, which moves by the bytes converted;
 * their byte order does not matter.
 */
public final class FloatCodec {
  /** Numbers of half precision that become float and then double, which takes less time. */
  private static final int CHUNK = 1024;

  /** All values of F16: looking one up takes less time than telling its kind. */
  private static final class F16Values {
    static final float[] BY_BITS = new float[1 << Short.SIZE];

    static {
      for (int bits = 0; bits < BY_BITS.length; bits++) {
        BY_BITS[bits] = HalfPrecision.f16ToFloat((short) bits);
      }
    }
  }

  private FloatCodec() {}

  /**
   * Decodes {@code count} elements into {@code target[offset …]}. F64 is rounded to float.
   *
   * @throws IllegalArgumentException if the type is no float type
   */
  public static void decode(DType dtype, ByteBuffer source, float[] target, int offset, int count) {
    ByteBuffer bytes = take(dtype, source, count);
    switch (dtype) {
      case F32 -> bytes.asFloatBuffer().get(target, offset, count);
      case F64 -> {
        DoubleBuffer doubles = bytes.asDoubleBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = (float) doubles.get(i);
        }
      }
      case F16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        float[] values = F16Values.BY_BITS;
        for (int i = 0; i < count; i++) {
          target[offset + i] = values[shorts.get(i) & 0xffff];
        }
      }
      case BF16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = HalfPrecision.bf16ToFloat(shorts.get(i));
        }
      }
      default -> throw noFloat(dtype);
    }
  }

  /**
   * Decodes {@code count} elements into {@code target[offset …]}, exactly.
   *
   * @throws IllegalArgumentException if the type is no float type
   */
  public static void decode(
      DType dtype, ByteBuffer source, double[] target, int offset, int count) {
    ByteBuffer bytes = take(dtype, source, count);
    switch (dtype) {
      case F64 -> bytes.asDoubleBuffer().get(target, offset, count);
      case F32 -> {
        FloatBuffer floats = bytes.asFloatBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = floats.get(i);
        }
      }
      case F16 -> {
        float[] floats = new float[Math.min(count, CHUNK)];
        for (int at = 0; at < count; at += CHUNK) {
          int length = Math.min(CHUNK, count - at);
          decode(dtype, bytes, floats, 0, length);
          for (int i = 0; i < length; i++) {
            target[offset + at + i] = floats[i];
          }
        }
      }
      case BF16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = HalfPrecision.bf16ToFloat(shorts.get(i));
        }
      }
      default -> throw noFloat(dtype);
    }
  }

  /**
   * Encodes {@code source[offset … offset + count)}, rounding to nearest even.
   *
   * @throws IllegalArgumentException if the type is no float type
   */
  public static void encode(DType dtype, float[] source, int offset, int count, ByteBuffer target) {
    ByteBuffer bytes = take(dtype, target, count);
    switch (dtype) {
      case F32 -> bytes.asFloatBuffer().put(source, offset, count);
      case F64 -> {
        DoubleBuffer doubles = bytes.asDoubleBuffer();
        for (int i = 0; i < count; i++) {
          doubles.put(i, source[offset + i]);
        }
      }
      case F16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          shorts.put(i, HalfPrecision.floatToF16(source[offset + i]));
        }
      }
      case BF16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          shorts.put(i, HalfPrecision.floatToBf16(source[offset + i]));
        }
      }
      default -> throw noFloat(dtype);
    }
  }

  /**
   * Encodes {@code source[offset … offset + count)}, rounding to nearest even, once.
   *
   * @throws IllegalArgumentException if the type is no float type
   */
  public static void encode(
      DType dtype, double[] source, int offset, int count, ByteBuffer target) {
    ByteBuffer bytes = take(dtype, target, count);
    switch (dtype) {
      case F64 -> bytes.asDoubleBuffer().put(source, offset, count);
      case F32 -> {
        FloatBuffer floats = bytes.asFloatBuffer();
        for (int i = 0; i < count; i++) {
          floats.put(i, (float) source[offset + i]);
        }
      }
      case F16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          shorts.put(i, HalfPrecision.doubleToF16(source[offset + i]));
        }
      }
      case BF16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          shorts.put(i, HalfPrecision.doubleToBf16(source[offset + i]));
        }
      }
      default -> throw noFloat(dtype);
    }
  }

  /** The next {@code count} elements' bytes as a little-endian buffer of their own. */
  private static ByteBuffer take(DType dtype, ByteBuffer buffer, int count) {
    if (!dtype.isFloat()) {
      throw noFloat(dtype);
    }
    int bytes = Math.multiplyExact(count, dtype.sizeBytes());
    ByteBuffer taken = buffer.slice(buffer.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.position(buffer.position() + bytes);
    return taken;
  }

  private static IllegalArgumentException noFloat(DType dtype) {
    return new IllegalArgumentException(dtype + " is none of F64, F32, F16, BF16");
  }
}
