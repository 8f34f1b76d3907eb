package io.github.colonnade.jobs.report;

import java.util.stream.DoubleStream;

/**
 * How many values lie in each of some intervals of equal width from 0 on. An interval has its upper
 * edge and not its lower one, so that what keeps to a limit at an edge is below it; the first has 0
 * too.
 *
 * @param width of each interval, above 0
 * @param counts of each interval
 */
record Histogram(double width, long[] counts) {

  /**
   * @param mark a value, 0 or more, at an edge of intervals, so many of them below it
   * @param bins how many intervals are below {@code mark}
   * @param values 0 or more each
   */
  static Histogram of(double[] values, double mark, int bins) {
    double largest = DoubleStream.of(values).max().orElse(0);
    double reference = mark > 0 ? mark : largest > 0 ? largest : 1;
    // Where values are that small the width would be 0.
    double width = Math.max(reference / bins, Double.MIN_NORMAL);
    // A little more, so that there is room above the mark.
    int most = Math.max(bins + bins / 20, place(Math.min(largest, 100 * reference), width) + 1);
    Histogram histogram = new Histogram(width, new long[most]);
    for (double value : values) {
      histogram.counts[histogram.bin(value)]++;
    }
    return histogram;
  }

  /** The interval of a value; the last one has all larger values too. */
  int bin(double value) {
    return Math.min(counts.length - 1, place(value, width));
  }

  private static int place(double value, double width) {
    return Math.max(0, (int) Math.ceil(value / width * (1 - 1e-12)) - 1);
  }

  /** The edges of the intervals, one more than there are intervals. */
  double[] edges() {
    double[] edges = new double[counts.length + 1];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = i * width;
    }
    return edges;
  }
}
