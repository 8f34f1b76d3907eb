package io.github.colonnade.bounds;

/**
 * What a matrix costs in stored numbers, raw or as a product of two factors.
 *
 * <p>A rank-r factorisation of an m×n matrix stores a basis of m×r and coefficients of r×n, that is
 * r(m + n) numbers. For a cluster n is the sum of its blocks' columns. All counts are exact; an
 * {@link ArithmeticException} is thrown where one does not fit its type.
 */
public final class StorageCost {

  private StorageCost() {}

  /** r(m + n), the numbers stored for a factorisation. */
  public static long lowRank(long rank, long rows, long columns) {
    requireCount("rank", rank);
    requireCount("rows", rows);
    requireCount("columns", columns);
    return Math.multiplyExact(rank, Math.addExact(rows, columns));
  }

  /** m·n, the numbers stored for the matrix itself. */
  public static long raw(long rows, long columns) {
    requireCount("rows", rows);
    requireCount("columns", columns);
    return Math.multiplyExact(rows, columns);
  }

  /** The cheaper of {@link #lowRank} and {@link #raw}. */
  public static long best(long rank, long rows, long columns) {
    return Math.min(lowRank(rank, rows, columns), raw(rows, columns));
  }

  /** Whether the factors are strictly fewer numbers than the matrix: r(m + n) &lt; m·n. */
  public static boolean pays(long rank, long rows, long columns) {
    return lowRank(rank, rows, columns) < raw(rows, columns);
  }

  /**
   * The largest r with r(m + n) &lt; m·n; 0 when no positive rank pays.
   *
   * @param rows m ≥ 1
   * @param columns n ≥ 1
   */
  public static int largestPayingRank(long rows, long columns) {
    long raw = raw(rows, columns);
    if (raw == 0) {
      throw new IllegalArgumentException(
          "no rank pays for an empty matrix of " + rows + " rows and " + columns + " columns");
    }
    return Math.toIntExact((raw - 1) / Math.addExact(rows, columns));
  }

  private static void requireCount(String name, long count) {
    if (count < 0) {
      throw new IllegalArgumentException(name + " " + count + " is negative");
    }
  }
}
