package io.github.colonnade.svd.linalg;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The eigenvalues and vectors of D + z·zᵀ, D diagonal, in O(n²): what one more column does to a
 * sketch, and the step that joins two halves of a tridiagonal eigenproblem.
 *
 * <p>The eigenvalues are the roots of the secular equation 1 + Σ z_j²/(d_j − λ) = 0, of which one
 * lies between any two neighbours of d (Golub 1973; Bunch, Nielsen and Sorensen 1978). Each is
 * found as its distance from the nearer neighbour, so that no difference d_j − λ cancels, by
 * rational interpolation inside a bracket. The vectors are those of the z for which the computed
 * eigenvalues are exact, which makes them orthonormal to working precision however close the
 * eigenvalues are (Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 15, 1994, Section 3). Before,
 * entries of z that are negligible, and one of two for equal d, are split off as in LAPACK's
 * dlaed2.
 *
 * <p>Rounding: eigenvalues have an error of a few units of 10⁻¹⁶ of the largest, as those of a
 * symmetric eigenproblem solved in double.
 */
public final class RankOneEigen {

  private static final double EPS = 0x1p-53;
  private static final int MOST_STEPS = 80;

  private final int n;
  private final double[] d;
  private final double[] z;

  /** The places that take part in the secular equation, by descending d. */
  private int[] active = new int[0];

  private int count;

  /** The rotations that split places off: place a, place b, cosine, sine. */
  private int rotations;

  private final int[] rotated;
  private final double[] turns;

  /** d_j of the active places. */
  private double[] poles = new double[0];

  // λ_i is the pole that is nearer, and the distance from it.
  private double[] origins = new double[0];
  private double[] distances = new double[0];

  private final double[] values;

  /** The place that value i belongs to, largest value first. */
  private int[] order = new int[0];

  private RankOneEigen(double[] d, double[] z) {
    this.n = d.length;
    this.d = d;
    this.z = z;
    this.values = new double[n];
    this.rotated = new int[2 * n];
    this.turns = new double[2 * n];
  }

  /**
   * The decomposition of diag(d) + z·zᵀ.
   *
   * @param d in descending order; overwritten
   * @param z as many; overwritten
   */
  public static RankOneEigen of(double[] d, double[] z) {
    RankOneEigen eigen = new RankOneEigen(d, z);
    eigen.deflate();
    eigen.solve();
    eigen.restoreWeights();
    eigen.sort();
    return eigen;
  }

  /** The eigenvalues, largest first. */
  public double[] values() {
    double[] sorted = new double[n];
    for (int i = 0; i < n; i++) {
      sorted[i] = values[order[i]];
    }
    return sorted;
  }

  /** The vectors of the largest eigenvalues, one after the other. */
  public double[] vectors(int leading) {
    return vectors(0, leading);
  }

  /** The vectors of eigenvalues {@code from} (inclusive) to {@code to} (exclusive). */
  double[] vectors(int from, int to) {
    double[] vectors = new double[Math.multiplyExact(n, to - from)];
    int[] index = new int[n];
    Arrays.fill(index, -1);
    IntStream.range(0, count).forEach(i -> index[active[i]] = i);
    for (int c = from; c < to; c++) {
      int place = order[c];
      int start = (c - from) * n;
      if (index[place] < 0) {
        vectors[start + place] = 1;
      } else {
        formVector(vectors, start, index[place]);
      }
      turnBack(vectors, start);
    }
    return vectors;
  }

  private void formVector(double[] vectors, int start, int i) {
    double energy = 0;
    for (int j = 0; j < count; j++) {
      double value = z[active[j]] / (poles[j] - origins[i] - distances[i]);
      vectors[start + active[j]] = value;
      energy += value * value;
    }
    double factor = 1 / Math.sqrt(energy);
    for (int j = 0; j < count; j++) {
      vectors[start + active[j]] *= factor;
    }
  }

  private void turnBack(double[] vectors, int start) {
    for (int turn = rotations - 1; turn >= 0; turn--) {
      int first = start + rotated[2 * turn];
      int second = start + rotated[2 * turn + 1];
      double cosine = turns[2 * turn];
      double sine = turns[2 * turn + 1];
      double x = vectors[first];
      double y = vectors[second];
      vectors[first] = cosine * x + sine * y;
      vectors[second] = cosine * y - sine * x;
    }
  }

  private void deflate() {
    double norm = 0;
    for (double each : z) {
      norm += each * each;
    }
    double largest = n == 0 ? 0 : Math.max(Math.abs(d[0]), Math.abs(d[n - 1]));
    double tolerance = 8 * EPS * (largest + norm);
    norm = Math.sqrt(norm);
    active = new int[n];
    for (int j = 0; j < n; j++) {
      if (Math.abs(z[j]) * norm <= tolerance) {
        values[j] = d[j];
        continue;
      }
      if (count > 0) {
        int before = active[count - 1];
        double length = Math.hypot(z[before], z[j]);
        double cosine = z[j] / length;
        double sine = z[before] / length;
        double gap = d[before] - d[j];
        if (gap * Math.abs(cosine * sine) <= tolerance) {
          // In the turned pair only the second place has a part in z.
          z[j] = length;
          z[before] = 0;
          values[before] = d[j] + gap * cosine * cosine;
          d[j] += gap * sine * sine;
          rotated[2 * rotations] = before;
          rotated[2 * rotations + 1] = j;
          turns[2 * rotations] = cosine;
          turns[2 * rotations + 1] = sine;
          rotations++;
          count--;
        }
      }
      active[count++] = j;
    }
  }

  private void solve() {
    poles = new double[count];
    origins = new double[count];
    distances = new double[count];
    double[] weights = new double[count];
    double total = 0;
    for (int j = 0; j < count; j++) {
      poles[j] = d[active[j]];
      weights[j] = z[active[j]] * z[active[j]];
      total += weights[j];
    }
    double[] shifted = new double[count];
    for (int i = 0; i < count; i++) {
      double width = i == 0 ? total : poles[i - 1] - poles[i];
      boolean fromBelow = i == 0 || secular(poles, weights, poles[i] + width / 2) > 0;
      double origin = fromBelow ? poles[i] : poles[i - 1];
      for (int j = 0; j < count; j++) {
        shifted[j] = poles[j] - origin;
      }
      double low = fromBelow ? 0 : -width / 2;
      double high = i == 0 ? width : fromBelow ? width / 2 : 0;
      origins[i] = origin;
      distances[i] = root(shifted, weights, i, low, high);
      values[active[i]] = origin + distances[i];
    }
  }

  private static double secular(double[] poles, double[] weights, double at) {
    double sum = 1;
    for (int j = 0; j < poles.length; j++) {
      sum += weights[j] / (poles[j] - at);
    }
    return sum;
  }

  /**
   * The root between pole i and the one before, or above pole 0, where the function ascends.
   *
   * @param low not above the root
   * @param high not below it
   */
  private static double root(double[] poles, double[] weights, int i, double low, double high) {
    double left = low;
    double right = high;
    double at = (left + right) / 2;
    for (int step = 0; step < MOST_STEPS; step++) {
      double below = 0;
      double belowSlope = 0;
      for (int j = i; j < poles.length; j++) {
        double inverse = 1 / (poles[j] - at);
        double term = weights[j] * inverse;
        below += term;
        belowSlope += term * inverse;
      }
      double above = 0;
      double aboveSlope = 0;
      for (int j = 0; j < i; j++) {
        double inverse = 1 / (poles[j] - at);
        double term = weights[j] * inverse;
        above += term;
        aboveSlope += term * inverse;
      }
      double f = 1 + below + above;
      if (Math.abs(f) <= 8 * EPS * (1 + above - below)) {
        return at;
      }
      if (f < 0) {
        left = at;
      } else {
        right = at;
      }
      double next = at + step(poles, i, at, f, belowSlope, aboveSlope);
      if (!(next > left && next < right)) {
        next = left + (right - left) / 2;
      }
      if (next == at || next == left || next == right) {
        return next;
      }
      at = next;
    }
    return at;
  }

  /**
   * To the root of the function with two poles that has the same value and slopes of both parts.
   */
  private static double step(
      double[] poles, int i, double at, double f, double belowSlope, double aboveSlope) {
    double toPole = poles[i] - at;
    if (i == 0) {
      double weight = belowSlope * toPole * toPole;
      double constant = f - belowSlope * toPole;
      return toPole + weight / constant;
    }
    double toNext = poles[i - 1] - at;
    double c = f - toPole * belowSlope - toNext * aboveSlope;
    double a = (toPole + toNext) * f - toPole * toNext * (belowSlope + aboveSlope);
    double b = toPole * toNext * f;
    double root = Math.sqrt(Math.abs(a * a - 4 * b * c));
    if (root == Double.POSITIVE_INFINITY) {
      return Double.NaN; // Then the bracket is halved.
    }
    return a <= 0 ? (a - root) / (2 * c) : 2 * b / (a + root);
  }

  /** The z for which the computed eigenvalues are exact. */
  private void restoreWeights() {
    double[] products = new double[count];
    Arrays.fill(products, 1);
    for (int i = 0; i < count; i++) {
      double pole = poles[i];
      double origin = origins[i];
      double distance = distances[i];
      for (int j = 0; j < i; j++) {
        products[j] *= (poles[j] - origin - distance) / (poles[j] - pole);
      }
      products[i] *= pole - origin - distance;
      for (int j = i + 1; j < count; j++) {
        products[j] *= (poles[j] - origin - distance) / (poles[j] - pole);
      }
    }
    for (int j = 0; j < count; j++) {
      int place = active[j];
      z[place] = Math.copySign(Math.sqrt(Math.abs(products[j])), z[place]);
    }
  }

  private void sort() {
    order = new int[n];
    // Mostly in order already.
    for (int i = 0; i < n; i++) {
      int at = i;
      while (at > 0 && values[order[at - 1]] < values[i]) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = i;
    }
  }
}
