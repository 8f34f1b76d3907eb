package io.github.colonnade.bounds;

import java.util.Arrays;

/**
 * How many of the smallest of some values have a sum within a budget: those that may be left out
 * where leaving out costs.
 *
 * <p>Found by counting the values in classes of an eighth of an octave, so that only those of the
 * class in which the budget ends are put in order: in a time that grows as the number of values,
 * but for that of sorting where most of them are in that class.
 *
 * @param count how many
 * @param sum their sum
 * @param next the least of the others, or infinity if there are no others
 */
public record SmallestValues(int count, double sum, double next) {

  /** Fewer values are sorted. */
  private static final int FEW = 32;

  /** Exponent and the leading three bits of the fraction of a double tell its class. */
  private static final int DROPPED_BITS = 49;

  /**
   * The last class has all that are less than 2⁻³² of the largest. If the budget ends there, these
   * are counted in classes again; that happens 66 times at most, as a double is not so small.
   */
  private static final int CLASSES = 256;

  /**
   * The most that fit. As all values are summed up with the same sign, the order in which that is
   * done changes the sum by no more than rounding.
   *
   * @param values not negative, not NaN; not modified
   * @param budget what their sum may come to; nothing fits into NaN
   */
  public static SmallestValues within(double budget, double[] values) {
    return within(budget, values, 0, values.length);
  }

  /** As above, of the values from (inclusive) to (exclusive) a place. */
  public static SmallestValues within(double budget, double[] values, int from, int to) {
    if (to - from <= FEW) {
      return new SmallestValues(0, 0, Double.POSITIVE_INFINITY)
          .plus(budget, Arrays.copyOfRange(values, from, to));
    }
    double largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, values[i]);
    }
    long top = Double.doubleToRawLongBits(largest);
    int[] counts = new int[CLASSES];
    double[] sums = new double[CLASSES];
    for (int i = from; i < to; i++) {
      int place = place(top, values[i]);
      counts[place]++;
      sums[place] += values[i];
    }
    SmallestValues found = new SmallestValues(0, 0, Double.POSITIVE_INFINITY);
    for (int place = CLASSES - 1; place >= 0; place--) {
      if (found.sum + sums[place] <= budget) {
        found =
            new SmallestValues(found.count + counts[place], found.sum + sums[place], found.next);
        continue;
      }
      double[] ofClass = new double[counts[place]];
      for (int i = from, next = 0; next < ofClass.length; i++) {
        if (place(top, values[i]) == place) {
          ofClass[next++] = values[i];
        }
      }
      found = place == CLASSES - 1 ? within(budget, ofClass) : found.plus(budget, ofClass);
      if (found.next < Double.POSITIVE_INFINITY) {
        return found;
      }
    }
    return found;
  }

  /** 0 for the largest and those like it. */
  private static int place(long top, double value) {
    return (int) Math.min(CLASSES - 1, (top - Double.doubleToRawLongBits(value)) >>> DROPPED_BITS);
  }

  /** With as many of the next class as fit. */
  private SmallestValues plus(double budget, double[] values) {
    Arrays.sort(values);
    double all = sum;
    int fitting = 0;
    while (fitting < values.length && all + values[fitting] <= budget) {
      all += values[fitting++];
    }
    return new SmallestValues(
        count + fitting, all, fitting < values.length ? values[fitting] : Double.POSITIVE_INFINITY);
  }
}
