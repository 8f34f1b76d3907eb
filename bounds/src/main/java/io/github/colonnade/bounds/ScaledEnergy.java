package io.github.colonnade.bounds;

/**
 * A sum of energies that may lie far outside the range of double: {@code value · 4^exponent}. The
 * energies of numbers like 1e±200 neither overflow nor vanish in it.
 *
 * @param value not negative; infinite or NaN if a summand was
 * @param exponent of 4, because an energy is the square of something scaled by a power of two
 */
public record ScaledEnergy(double value, int exponent) {
  public static final ScaledEnergy ZERO = new ScaledEnergy(0, 0);

  public ScaledEnergy plus(ScaledEnergy other) {
    if (value == 0) {
      return other;
    }
    if (other.value == 0) {
      return this;
    }
    int largest = Math.max(exponent, other.exponent);
    return new ScaledEnergy(at(largest) + other.at(largest), largest);
  }

  /** This energy multiplied by {@code factor}. */
  public ScaledEnergy times(double factor) {
    return new ScaledEnergy(value * factor, exponent);
  }

  /**
   * √(this / whole), the relative error if this is the energy lost of {@code whole}: 0 if both are
   * 0, and infinite if only {@code whole} is.
   */
  public double relativeTo(ScaledEnergy whole) {
    if (whole.value == 0) {
      return value == 0 ? 0 : value / 0.0;
    }
    return Math.scalb(Math.sqrt(value / whole.value), exponent - whole.exponent);
  }

  /** The value for another exponent; 0 or infinite where double does not hold it. */
  public double at(int other) {
    return Math.scalb(value, 2 * (exponent - other));
  }
}
