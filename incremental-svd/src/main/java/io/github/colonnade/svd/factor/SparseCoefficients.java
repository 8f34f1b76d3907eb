package io.github.colonnade.svd.factor;

import java.util.Arrays;

/**
 * Coefficients of which only some are stored, the others being zero.
 *
 * <p>They lie one after another, row after row. A bit for each of them, the lowest bit of a byte
 * first and ⌈count / 8⌉ bytes in all (the rest of the last byte is 0), says whether it is stored;
 * the values of those that are follow in the storage format.
 */
public final class SparseCoefficients {

  private SparseCoefficients() {}

  /**
   * The bytes of coefficients.
   *
   * @param values those that are 0 are left out
   */
  public static byte[] encode(StorageFormat format, double[] values) {
    byte[] bits = new byte[bitBytes(values.length)];
    double[] some = new double[values.length + 1];
    int next = 0;
    for (int i = 0; i < values.length; i++) {
      int stored = stored(values[i]);
      bits[i >> 3] |= (byte) (stored << (i & 7));
      some[next] = values[i];
      next += stored;
    }
    byte[] encoded = format.encode(Arrays.copyOf(some, next));
    byte[] bytes = Arrays.copyOf(bits, bits.length + encoded.length);
    System.arraycopy(encoded, 0, bytes, bits.length, encoded.length);
    return bytes;
  }

  /** How many values {@link #encode} stores. */
  static int notZero(double[] values) {
    int count = 0;
    for (double each : values) {
      count += stored(each);
    }
    return count;
  }

  /**
   * 0 for 0, otherwise 1. Which are 0 cannot be foreseen, so a branch would cost most of it all.
   */
  private static int stored(double value) {
    long size = Double.doubleToRawLongBits(value) << 1;
    return (int) ((size | -size) >>> 63);
  }

  /** How many bytes {@link #encode} gives for so many coefficients of which some are not 0. */
  public static long bytes(long count, long notZero, int bytesPerNumber) {
    return (count + 7) / 8 + notZero * bytesPerNumber;
  }

  /** The bytes before the values. */
  public static int bitBytes(int count) {
    return (count + 7) >>> 3;
  }

  /**
   * Puts values where their bits say; the others are 0.
   *
   * @param bytes begin with the bits
   * @param values those that are stored
   * @throws IllegalArgumentException if there are not as many values as bits; the message says why,
   *     without a place
   */
  public static double[] spread(byte[] bytes, double[] values, int count) {
    double[] all = new double[count];
    int next = 0;
    for (int i = 0; i < count; i++) {
      if ((bytes[i >> 3] >> (i & 7) & 1) != 0) {
        if (next == values.length) {
          throw new IllegalArgumentException(
              "it has " + values.length + " values for more than as many bits");
        }
        all[i] = values[next++];
      }
    }
    if ((count & 7) != 0 && (bytes[count >> 3] & 0xFF) >> (count & 7) != 0) {
      throw new IllegalArgumentException("it has bits for more than " + count + " coefficients");
    }
    if (next != values.length) {
      throw new IllegalArgumentException(
          "it has " + values.length + " values for " + next + " bits");
    }
    return all;
  }

  /** The coefficients in the bytes that {@link #encode} gave. */
  static double[] decode(StorageFormat format, byte[] bytes, int count) {
    byte[] values = Arrays.copyOfRange(bytes, bitBytes(count), bytes.length);
    return spread(bytes, format.decode(values), count);
  }
}
