package io.github.colonnade.bounds;

/** Checks of energies, shared by the public types. */
final class Energies {

  /**
   * The largest disagreement between energies, relative to the total, that is taken for rounding.
   * Products in float32 disagree by 1e-7 to 1e-5; more than this is a basis that is not orthonormal
   * or energies of different matrices.
   */
  static final double ROUNDING = 1e-4;

  private Energies() {}

  static double require(String name, double energy) {
    if (!(energy >= 0 && energy < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          name + " " + energy + " is not a finite number of at least 0");
    }
    return energy;
  }

  /** Returns {@code part}, or 0 where it is negative by rounding only. */
  static double requireNonNegative(String name, double part, double whole) {
    return require(name, part < 0 && part >= -ROUNDING * whole ? 0 : part);
  }

  /** Returns {@code part}, cut to [0, {@code whole}] where it is outside by rounding only. */
  static double requirePart(String name, double part, double whole) {
    double clean = requireNonNegative(name, part, whole);
    if (clean - whole > ROUNDING * whole) {
      throw new IllegalArgumentException(name + " " + part + " exceeds the energy " + whole);
    }
    return Math.min(clean, whole);
  }

  static void requireRank(int rank) {
    if (rank < 0) {
      throw new IllegalArgumentException("rank " + rank + " is negative");
    }
  }

  static void requireLimit(double limit) {
    if (!(limit >= 0)) {
      throw new IllegalArgumentException("error limit " + limit + " is not at least 0");
    }
  }

  /** √(part / whole) for part ≤ whole; 0 where there is no energy. */
  static double error(double part, double whole) {
    return whole > 0 ? Math.sqrt(part / whole) : 0;
  }
}
