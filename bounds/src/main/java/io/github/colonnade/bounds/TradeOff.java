package io.github.colonnade.bounds;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * What a matrix, or a set of blocks, costs in stored numbers for what it loses: ways to store it,
 * each with the energy that it loses and the numbers that it takes.
 *
 * <p>Only ways that no other beats in both are kept, by ascending loss. Those on the lower convex
 * hull are the ones that are cheapest at some <em>price</em> θ of a unit of energy in numbers: they
 * minimise numbers + θ·lost.
 *
 * <p>Immutable.
 */
public final class TradeOff {

  // Invariants: lost ascends and numbers descend strictly, with at least one way; hull holds
  // ascending indices of them, the first and the last included, with ascending slopes.
  private final double[] lost;
  private final long[] numbers;
  private final int[] hull;

  private TradeOff(double[] lost, long[] numbers) {
    this.lost = lost;
    this.numbers = numbers;
    this.hull = hull(lost, numbers);
  }

  /**
   * The trade-off between some ways.
   *
   * @param lost the energy that each of them loses, at least 0; not modified
   * @param numbers the numbers that each of them stores; as many
   * @throws IllegalArgumentException if there is no way, or an energy is no finite number of at
   *     least 0
   */
  public static TradeOff of(double[] lost, long[] numbers) {
    if (lost.length == 0 || lost.length != numbers.length) {
      throw new IllegalArgumentException(
          "expected as many numbers as losses, and at least one, got "
              + lost.length
              + " and "
              + numbers.length);
    }
    for (double each : lost) {
      Energies.require("lost energy", each);
    }
    int[] order =
        IntStream.range(0, lost.length)
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer i) -> lost[i]).thenComparing(i -> numbers[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] losses = new double[order.length];
    long[] costs = new long[order.length];
    int count = 0;
    for (int i : order) {
      if (count == 0 || numbers[i] < costs[count - 1]) {
        losses[count] = lost[i];
        costs[count++] = numbers[i];
      }
    }
    return new TradeOff(Arrays.copyOf(losses, count), Arrays.copyOf(costs, count));
  }

  /**
   * That of a matrix by itself: factors of every rank up to a limit, nothing at all, or its own
   * numbers.
   *
   * @param s its spectrum, or that of a sketch
   * @param rows m ≥ 1
   * @param columns n ≥ 1
   * @param rankLimit the largest rank
   * @param rounding the relative error that rounding the factors adds
   */
  public static TradeOff ofMatrix(
      Spectrum s, long rows, long columns, int rankLimit, double rounding) {
    int most =
        Math.min(Math.min(s.size(), rankLimit), StorageCost.largestPayingRank(rows, columns));
    double[] lost = new double[most + 2];
    long[] numbers = new long[most + 2];
    numbers[0] = StorageCost.raw(rows, columns);
    for (int r = 0; r <= most; r++) {
      lost[r + 1] = s.tailEnergy(r) + (r == 0 ? 0 : rounding * rounding * s.energy());
      numbers[r + 1] = StorageCost.lowRank(r, rows, columns);
    }
    return of(lost, numbers);
  }

  /** All ways of both. */
  public TradeOff or(TradeOff other) {
    double[] both = Arrays.copyOf(lost, lost.length + other.lost.length);
    System.arraycopy(other.lost, 0, both, lost.length, other.lost.length);
    long[] costs = Arrays.copyOf(numbers, both.length);
    System.arraycopy(other.numbers, 0, costs, numbers.length, other.numbers.length);
    return of(both, costs);
  }

  /** The same ways with every energy multiplied by a factor of at least 0. */
  public TradeOff scaledBy(double factor) {
    Energies.require("factor", factor);
    return of(Arrays.stream(lost).map(each -> each * factor).toArray(), numbers);
  }

  /** How many ways there are. */
  public int size() {
    return lost.length;
  }

  /** The energy that a way loses; ways are numbered from the one that loses least. */
  public double lost(int way) {
    return lost[way];
  }

  /** The numbers that a way stores. */
  public long numbers(int way) {
    return numbers[way];
  }

  /** The fewest numbers with which no more is lost than {@code allowed}; all if none does. */
  public long numbersWithin(double allowed) {
    int at = Arrays.binarySearch(lost, allowed);
    return numbers[Math.max(0, at >= 0 ? at : -at - 2)];
  }

  /** How many ways are on the hull. */
  int hullSize() {
    return hull.length;
  }

  /** The way at a place of the hull. */
  int onHull(int place) {
    return hull[place];
  }

  /** The place on the hull with the least numbers + θ·lost; of equal ones that loses least. */
  int cheapestAt(double price) {
    int low = 0;
    int high = hull.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      // A further step pays if it saves more numbers than its energy is worth.
      if (saved(middle) > price * energy(middle)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** The numbers that the step from a place of the hull to the next saves. */
  long saved(int place) {
    return numbers[hull[place]] - numbers[hull[place + 1]];
  }

  /** The energy that this step loses. */
  double energy(int place) {
    return lost[hull[place + 1]] - lost[hull[place]];
  }

  private static int[] hull(double[] lost, long[] numbers) {
    int[] hull = new int[lost.length];
    int size = 0;
    for (int i = 0; i < lost.length; i++) {
      while (size > 1 && isAbove(hull[size - 2], hull[size - 1], i, lost, numbers)) {
        size--;
      }
      hull[size++] = i;
    }
    return Arrays.copyOf(hull, size);
  }

  /** Whether way b is on or above the line from a to c. */
  private static boolean isAbove(int a, int b, int c, double[] lost, long[] numbers) {
    double share = (lost[b] - lost[a]) / (lost[c] - lost[a]);
    return numbers[a] - numbers[b] <= share * (numbers[a] - numbers[c]);
  }
}
