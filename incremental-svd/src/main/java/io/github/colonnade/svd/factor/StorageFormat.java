package io.github.colonnade.svd.factor;

/** The number format in which factors are stored. */
public interface StorageFormat {

  /** The bytes of one value. */
  int sizeBytes();

  /** The numbers that bytes count as. */
  default long numbers(long bytes) {
    return (bytes + sizeBytes() - 1) / sizeBytes();
  }

  /** The bytes of the values, each rounded to the nearest one that the format can store. */
  byte[] encode(double[] values);

  /** The values of {@link #encode encoded} bytes, exactly. */
  double[] decode(byte[] bytes);

  /** The largest finite value. */
  double largest();

  /** The smallest positive value that is stored with full relative accuracy. */
  double smallestNormal();

  /** The largest relative rounding error of a value in the normal range. */
  double unitRoundoff();

  /**
   * The relative error that rounding both factors typically adds: each entry's error is uniform
   * within the unit roundoff of its binade.
   */
  default double typicalRounding() {
    return 0.6 * unitRoundoff();
  }
}
