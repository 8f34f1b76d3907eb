package io.github.colonnade.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScaledSumTest {

  @Test
  void addsAcrossExponents() {
    ScaledSum sum = new ScaledSum(3, 1).plus(new ScaledSum(5, 3)).plus(ScaledSum.ZERO);
    assertEquals(3 * 4 + 5 * 64, Math.scalb(sum.value(), 2 * sum.exponent()));
    assertEquals(sum, new ScaledSum(5, 3).plus(ScaledSum.ZERO).plus(new ScaledSum(3, 1)));
  }

  @Test
  void dividesWhatDoubleCannotHold() {
    ScaledSum huge = new ScaledSum(4, 700);
    ScaledSum lost = new ScaledSum(1, 700);
    assertEquals(0.5, lost.relativeTo(huge));
    assertEquals(0.5, lost.plus(new ScaledSum(1, -700)).relativeTo(huge));
    assertEquals(0x1p-10, new ScaledSum(4, -710).relativeTo(new ScaledSum(4, -700)));
  }

  @Test
  void hasNoErrorOnlyIfNothingIsLostOfZero() {
    assertEquals(0, ScaledSum.ZERO.relativeTo(ScaledSum.ZERO));
    assertEquals(Double.POSITIVE_INFINITY, new ScaledSum(1e-300, -500).relativeTo(ScaledSum.ZERO));
  }

  @Test
  void keepsWhatIsNotANumber() {
    ScaledSum sum = new ScaledSum(Double.NaN, 0).plus(new ScaledSum(1, 5));
    assertEquals(Double.NaN, sum.relativeTo(new ScaledSum(1, 0)));
  }
}
