package io.github.colonnade.svd.linalg;

/**
 * The element type in which products are computed; energies and eigenproblems are always double.
 */
public enum Precision {
  FLOAT32("float32", 4, 0x1p-24),
  FLOAT64("float64", 8, 0x1p-53);

  private final String label;
  private final int sizeBytes;
  private final double unitRoundoff;

  Precision(String label, int sizeBytes, double unitRoundoff) {
    this.label = label;
    this.sizeBytes = sizeBytes;
    this.unitRoundoff = unitRoundoff;
  }

  /** The name used in settings and files, such as {@code float32}. */
  public String label() {
    return label;
  }

  public int sizeBytes() {
    return sizeBytes;
  }

  /** Half the distance between 1 and the next number: the largest relative rounding error. */
  public double unitRoundoff() {
    return unitRoundoff;
  }
}
