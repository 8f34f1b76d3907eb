package io.github.colonnade.connectors.tensor;

/**
 * Conversions between the 16-bit floats and wider ones. To 16 bits they round to nearest, ties to
 * even, once: also from double. Overflow gives an infinity; a NaN stays a NaN with its sign.
 */
public final class HalfPrecision {
  private static final int FLOAT_INFINITY = 0x7f800000;
  private static final int F16_INFINITY = 0x7c00;

  private HalfPrecision() {}

  /** The value of the F16 with these bits, exactly. */
  public static float f16ToFloat(short bits) {
    int sign = (bits & 0x8000) << 16;
    int magnitude = bits & 0x7fff;
    if (magnitude >= F16_INFINITY) {
      return Float.intBitsToFloat(sign | FLOAT_INFINITY | (magnitude & 0x3ff) << 13);
    }
    if (magnitude < 0x400) {
      float subnormal = magnitude * 0x1p-24f;
      return sign == 0 ? subnormal : -subnormal;
    }
    return Float.intBitsToFloat(sign | ((magnitude << 13) + 0x38000000));
  }

  /** Bits of the F16 nearest to {@code value}. */
  public static short floatToF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7fffffff;
    if (magnitude > FLOAT_INFINITY) {
      int fraction = magnitude >>> 13 & 0x3ff;
      return (short) (sign | F16_INFINITY | (fraction == 0 ? 0x200 : fraction));
    }
    if (magnitude >= 0x47800000) {
      return (short) (sign | F16_INFINITY);
    }
    if (magnitude < 0x38800000) {
      // Below 2^-14: a multiple of 2^-24. The product is exact, rint rounds ties to even.
      return (short) (sign | (int) Math.rint(Float.intBitsToFloat(magnitude) * 0x1p24f));
    }
    int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1);
    return (short) (sign | (rounded - 0x38000000) >>> 13);
  }

  /** Bits of the F16 nearest to {@code value}. */
  public static short doubleToF16(double value) {
    return floatToF16(roundToOdd(value));
  }

  /** The value of the BF16 with these bits, exactly. */
  public static float bf16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Bits of the BF16 nearest to {@code value}. */
  public static short floatToBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & 0x7fffffff) > FLOAT_INFINITY) {
      int upper = bits >>> 16;
      return (short) ((upper & 0x7f) == 0 ? upper | 0x40 : upper);
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  /** Bits of the BF16 nearest to {@code value}. */
  public static short doubleToBf16(double value) {
    return floatToBf16(roundToOdd(value));
  }

  /**
   * {@code value} as a float that is cut off, with the last bit set if anything was lost. Rounding
   * that to fewer than 23 bits gives what rounding {@code value} itself would.
   */
  private static float roundToOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value)) {
      return nearest;
    }
    int bits = Float.floatToRawIntBits(nearest);
    if (Math.abs((double) nearest) > Math.abs(value)) {
      bits--;
    }
    return Float.intBitsToFloat(bits | 1);
  }
}
