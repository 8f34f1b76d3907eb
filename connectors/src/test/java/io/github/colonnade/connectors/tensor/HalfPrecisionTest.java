package io.github.colonnade.connectors.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfPrecisionTest {

  /** Value by the definition of the format: sign, exponent, fraction. */
  private static double definition(int bits, int exponentBits, int fractionBits) {
    int fraction = bits & ((1 << fractionBits) - 1);
    int exponent = (bits >> fractionBits) & ((1 << exponentBits) - 1);
    int bias = (1 << (exponentBits - 1)) - 1;
    double sign = (bits & 0x8000) == 0 ? 1 : -1;
    if (exponent == (1 << exponentBits) - 1) {
      return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
    }
    return exponent == 0
        ? sign * fraction * Math.pow(2, 1 - bias - fractionBits)
        : sign * (1 + fraction / (double) (1 << fractionBits)) * Math.pow(2, exponent - bias);
  }

  @Test
  void everyF16DecodesToItsDefinitionAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.f16ToFloat((short) bits);
      assertEquals(definition(bits, 5, 10), value, 0.0, Integer.toHexString(bits));
      assertEquals((short) bits, HalfPrecision.floatToF16(value), Integer.toHexString(bits));
      if (!Float.isNaN(value)) {
        assertEquals((short) bits, HalfPrecision.doubleToF16(value), Integer.toHexString(bits));
      }
    }
  }

  @Test
  void everyBf16DecodesToItsDefinitionAndBack() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfPrecision.bf16ToFloat((short) bits);
      assertEquals(definition(bits, 8, 7), value, 0.0, Integer.toHexString(bits));
      assertEquals((short) bits, HalfPrecision.floatToBf16(value), Integer.toHexString(bits));
      if (!Float.isNaN(value)) {
        assertEquals((short) bits, HalfPrecision.doubleToBf16(value), Integer.toHexString(bits));
      }
    }
  }

  @Test
  void midpointsOfNeighboursRoundToEvenAndBesideThemToTheNearer() {
    checkMidpoints(0x7bff, HalfPrecision::f16ToFloat, HalfPrecision::doubleToF16);
    checkMidpoints(0x7f7f, HalfPrecision::bf16ToFloat, HalfPrecision::doubleToBf16);
  }

  private interface Decoder {
    float decode(short bits);
  }

  private interface Encoder {
    short encode(double value);
  }

  private static void checkMidpoints(int largest, Decoder decoder, Encoder encoder) {
    for (int low = 0; low < largest; low++) {
      double midpoint =
          ((double) decoder.decode((short) low) + decoder.decode((short) (low + 1))) / 2;
      int even = low % 2 == 0 ? low : low + 1;
      assertEquals((short) even, encoder.encode(midpoint));
      assertEquals((short) (even | 0x8000), encoder.encode(-midpoint));
      // One step of double beside the midpoint: far less than a float can tell.
      assertEquals((short) low, encoder.encode(Math.nextDown(midpoint)));
      assertEquals((short) (low + 1), encoder.encode(Math.nextUp(midpoint)));
    }
  }

  @Test
  void floatsRoundAsTheSameDoubles() {
    Random random = new Random(7);
    for (int i = 0; i < 1_000_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (!Float.isNaN(value)) {
        assertEquals(HalfPrecision.doubleToF16(value), HalfPrecision.floatToF16(value));
        assertEquals(HalfPrecision.doubleToBf16(value), HalfPrecision.floatToBf16(value));
      }
    }
  }

  @Test
  void overflowGivesInfinityFromTheMidpointOn() {
    assertEquals((short) 0x7bff, HalfPrecision.floatToF16(Math.nextDown(65520f)));
    assertEquals((short) 0x7c00, HalfPrecision.floatToF16(65520f));
    assertEquals((short) 0xfc00, HalfPrecision.floatToF16(-1e30f));
    assertEquals((short) 0x7c00, HalfPrecision.doubleToF16(1e300));
    assertEquals((short) 0x7f80, HalfPrecision.floatToBf16(Float.MAX_VALUE));
    assertEquals((short) 0xff80, HalfPrecision.doubleToBf16(-1e300));
  }

  @Test
  void underflowKeepsTheSign() {
    assertEquals((short) 0, HalfPrecision.doubleToF16(1e-300));
    assertEquals((short) 0x8000, HalfPrecision.doubleToF16(-1e-300));
    assertEquals((short) 0x8000, HalfPrecision.doubleToBf16(-1e-300));
    // Half the least F16 is a tie and goes to zero; anything above it does not.
    assertEquals((short) 0, HalfPrecision.doubleToF16(0x1p-25));
    assertEquals((short) 1, HalfPrecision.doubleToF16(Math.nextUp(0x1p-25)));
  }

  @Test
  void nanStaysNanWhateverItsPayload() {
    for (int bits : new int[] {0x7f800001, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffc12345}) {
      float value = Float.intBitsToFloat(bits);
      short f16 = HalfPrecision.floatToF16(value);
      short bf16 = HalfPrecision.floatToBf16(value);
      assertTrue(Float.isNaN(HalfPrecision.f16ToFloat(f16)));
      assertTrue(Float.isNaN(HalfPrecision.bf16ToFloat(bf16)));
      assertEquals(bits < 0, f16 < 0);
      assertEquals(bits < 0, bf16 < 0);
    }
    assertTrue(Float.isNaN(HalfPrecision.f16ToFloat(HalfPrecision.doubleToF16(Double.NaN))));
    assertTrue(Float.isNaN(HalfPrecision.bf16ToFloat(HalfPrecision.doubleToBf16(Double.NaN))));
  }
}
