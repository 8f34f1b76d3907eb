package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ScaledEnergyTest {

  @Test
  void addsAcrossExponents() {
    ScaledEnergy sum = new ScaledEnergy(3, 1).plus(new ScaledEnergy(5, 3)).plus(ScaledEnergy.ZERO);
    assertEquals(3 * 4 + 5 * 64, Math.scalb(sum.value(), 2 * sum.exponent()));
    assertEquals(sum, new ScaledEnergy(5, 3).plus(ScaledEnergy.ZERO).plus(new ScaledEnergy(3, 1)));
  }

  @Test
  void dividesWhatDoubleCannotHold() {
    ScaledEnergy huge = new ScaledEnergy(4, 700);
    ScaledEnergy lost = new ScaledEnergy(1, 700);
    assertEquals(0.5, lost.relativeTo(huge));
    assertEquals(0.5, lost.plus(new ScaledEnergy(1, -700)).relativeTo(huge));
    assertEquals(0x1p-10, new ScaledEnergy(4, -710).relativeTo(new ScaledEnergy(4, -700)));
  }

  @Test
  void hasNoErrorOnlyIfNothingIsLostOfZero() {
    assertEquals(0, ScaledEnergy.ZERO.relativeTo(ScaledEnergy.ZERO));
    assertEquals(
        Double.POSITIVE_INFINITY, new ScaledEnergy(1e-300, -500).relativeTo(ScaledEnergy.ZERO));
  }

  @Test
  void keepsWhatIsNotANumber() {
    ScaledEnergy sum = new ScaledEnergy(Double.NaN, 0).plus(new ScaledEnergy(1, 5));
    assertEquals(Double.NaN, sum.relativeTo(new ScaledEnergy(1, 0)));
  }
}
