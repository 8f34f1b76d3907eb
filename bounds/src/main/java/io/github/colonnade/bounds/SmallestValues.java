package io.github.colonnade.bounds;

import java.util.Arrays;

/**
 * How many of the smallest of some values have a sum within a budget: those that may be left out
 * where leaving out costs.
 *
 * <p>Found by selection (Hoare's, with the sums of what is passed by), so in a time that grows as
 * the number of values and not with its logarithm.
 *
 * @param count how many
 * @param sum their sum
 * @param next the least of the others, or infinity if there are no others
 */
public record SmallestValues(int count, double sum, double next) {

  /** Ranges of fewer values are sorted. */
  private static final int FEW = 32;

  /**
   * The most that fit. As all values are summed up with the same sign, the order in which that is
   * done changes the sum by no more than rounding.
   *
   * @param values not negative, not NaN; put into another order
   * @param budget what their sum may come to; nothing fits into NaN
   */
  public static SmallestValues within(double budget, double[] values) {
    double sum = 0;
    int from = 0;
    int to = values.length;
    // A bad choice of pivots, again and again, ends in sorting what is left.
    for (int patience = 2 * Integer.SIZE; to - from > FEW && patience > 0; patience--) {
      double pivot = middle(values[from], values[(from + to) >>> 1], values[to - 1]);
      double less = 0;
      int equalFrom = from;
      int at = from;
      int equalTo = to;
      while (at < equalTo) {
        double value = values[at];
        if (value < pivot) {
          less += value;
          values[at++] = values[equalFrom];
          values[equalFrom++] = value;
        } else if (value > pivot) {
          values[at] = values[--equalTo];
          values[equalTo] = value;
        } else {
          at++;
        }
      }
      if (!(sum + less <= budget)) {
        to = equalFrom;
        continue;
      }
      sum += less;
      for (int i = equalFrom; i < equalTo; i++) {
        if (!(sum + pivot <= budget)) {
          return new SmallestValues(i, sum, pivot);
        }
        sum += pivot;
      }
      from = equalTo;
    }
    Arrays.sort(values, from, to);
    while (from < to && sum + values[from] <= budget) {
      sum += values[from++];
    }
    // Beyond a range that was narrowed down lies the pivot that did it, the least of the rest.
    return new SmallestValues(
        from, sum, from < values.length ? values[from] : Double.POSITIVE_INFINITY);
  }

  private static double middle(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
