package io.github.colonnade.svd.auto;

import java.util.Arrays;

/** Sorts positions by a key without boxing: families have many thousands of blocks. */
final class Order {

  private Order() {}

  /** The positions by ascending key, equal ones by position; a new array. */
  static int[] ascending(int[] positions, double[] keyOfPosition) {
    long[] packed = new long[positions.length];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = pack(keyOfPosition[positions[i]], positions[i]);
    }
    return sorted(packed);
  }

  /** All positions by ascending key, equal ones by position. */
  static int[] ascending(double[] keys) {
    long[] packed = new long[keys.length];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = pack(keys[i], i);
    }
    return sorted(packed);
  }

  private static int[] sorted(long[] packed) {
    Arrays.sort(packed);
    int[] positions = new int[packed.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = (int) packed[i];
    }
    return positions;
  }

  /**
   * Orders like (float) key, then by position. Keys differ by more than a float's rounding wherever
   * their order matters.
   */
  private static long pack(double key, int position) {
    int bits = Float.floatToIntBits((float) key);
    int ordered = bits >= 0 ? bits : bits ^ Integer.MAX_VALUE;
    return ((long) ordered << 32) | position;
  }
}
