package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.Allocation.Alternative;
import io.github.colonnade.bounds.Allocation.Share;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class AllocationPropertyTest {

  private static TradeOff curve(Random random, double scale) {
    int ways = 1 + random.nextInt(5);
    double[] lost = new double[ways];
    long[] numbers = new long[ways];
    for (int i = 0; i < ways; i++) {
      lost[i] = i == 0 ? 0 : Math.exp(2 * random.nextGaussian()) * scale;
      numbers[i] = i == 0 ? 100 : random.nextInt(100);
    }
    return TradeOff.of(lost, numbers);
  }

  private static List<List<Alternative>> parts(Random random, int count, double scale) {
    List<List<Alternative>> parts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Alternative> alternatives = new ArrayList<>();
      alternatives.add(new Alternative(List.of(curve(random, scale))));
      if (random.nextBoolean()) {
        alternatives.add(new Alternative(List.of(curve(random, scale), curve(random, scale))));
      }
      parts.add(alternatives);
    }
    return parts;
  }

  /** All totals of energy and numbers that choosing some way for each piece leads to. */
  private static List<double[]> totals(List<TradeOff> pieces) {
    List<double[]> totals = List.of(new double[2]);
    for (TradeOff piece : pieces) {
      List<double[]> more = new ArrayList<>();
      for (double[] total : totals) {
        for (int way = 0; way < piece.size(); way++) {
          more.add(new double[] {total[0] + piece.lost(way), total[1] + piece.numbers(way)});
        }
      }
      totals = more;
    }
    return totals;
  }

  private static double optimum(List<List<Alternative>> parts, double budget) {
    List<double[]> totals = List.of(new double[2]);
    for (List<Alternative> alternatives : parts) {
      List<double[]> more = new ArrayList<>();
      for (Alternative alternative : alternatives) {
        for (double[] way : totals(alternative.pieces())) {
          for (double[] total : totals) {
            if (total[0] + way[0] <= budget) {
              more.add(new double[] {total[0] + way[0], total[1] + way[1]});
            }
          }
        }
      }
      totals = more;
    }
    return totals.stream().mapToDouble(each -> each[1]).min().orElseThrow();
  }

  /** The most that a single part can differ by. */
  private static double largestPart(List<List<Alternative>> parts) {
    double largest = 0;
    for (List<Alternative> alternatives : parts) {
      double most = 0;
      double least = Double.POSITIVE_INFINITY;
      for (Alternative alternative : alternatives) {
        for (double[] total : totals(alternative.pieces())) {
          most = Math.max(most, total[1]);
          least = Math.min(least, total[1]);
        }
      }
      largest = Math.max(largest, most - least);
    }
    return largest;
  }

  private static double lost(List<Share> shares) {
    return shares.stream().flatMapToDouble(each -> Arrays.stream(each.lost())).sum();
  }

  @Property(tries = 500)
  void keepsToTheBudgetAndIsWithinOnePartOfTheOptimum(
      @ForAll @IntRange(min = 1, max = 5) int count,
      @ForAll @DoubleRange(min = 0, max = 30) double budget,
      @ForAll @IntRange(min = -250, max = 250) int exponent,
      @ForAll long seed) {
    double scale = Math.pow(10, exponent);
    List<List<Alternative>> parts = parts(new Random(seed), count, scale);
    List<Share> shares = Allocation.divide(parts, budget * scale);

    assertTrue(lost(shares) <= budget * scale * (1 + 1e-12), shares::toString);
    long numbers = 0;
    for (int i = 0; i < count; i++) {
      Share share = shares.get(i);
      List<TradeOff> pieces = parts.get(i).get(share.alternative()).pieces();
      long own = 0;
      for (int p = 0; p < pieces.size(); p++) {
        own += pieces.get(p).numbersWithin(share.lost()[p]);
      }
      assertEquals(own, share.numbers());
      numbers += own;
    }
    double optimum = optimum(parts, budget * scale);
    assertTrue(numbers <= optimum + largestPart(parts), numbers + " against " + optimum);
  }

  /** Where all that the price wants is used up, nothing else stores less. */
  @Property(tries = 300)
  void whatIsUsedUpIsUsedBest(
      @ForAll @IntRange(min = 1, max = 5) int count,
      @ForAll @DoubleRange(min = 0.01, max = 100) double price,
      @ForAll long seed) {
    List<List<Alternative>> parts = parts(new Random(seed), count, 1);
    double used = 0;
    long numbers = 0;
    for (List<Alternative> alternatives : parts) {
      double[] best = {0, Double.POSITIVE_INFINITY};
      for (Alternative alternative : alternatives) {
        for (double[] total : totals(alternative.pieces())) {
          if (total[1] + price * total[0] < best[1] + price * best[0]) {
            best = total;
          }
        }
      }
      used += best[0];
      numbers += (long) best[1];
    }
    double budget = used * (1 + 1e-9);
    long found = Allocation.divide(parts, budget).stream().mapToLong(Share::numbers).sum();
    assertEquals(numbers, found);
  }

  @Example
  void nothingToLoseLosesNothing() {
    TradeOff curve = TradeOff.of(new double[] {0, 1}, new long[] {10, 0});
    List<List<Alternative>> parts = List.of(List.of(new Alternative(List.of(curve))));
    assertEquals(10, Allocation.divide(parts, 0).get(0).numbers());
    assertEquals(10, Allocation.divide(parts, 0.999).get(0).numbers());
    assertEquals(0, Allocation.divide(parts, 1).get(0).numbers());
  }

  @Example
  void whatMustBeLostIsLost() {
    TradeOff curve = TradeOff.of(new double[] {2, 3}, new long[] {10, 0});
    List<List<Alternative>> parts = List.of(List.of(new Alternative(List.of(curve))));
    Share share = Allocation.divide(parts, 1).get(0);
    assertEquals(2, share.lost()[0]);
  }

  @Example
  void energiesBelowAllThatIsNormal() {
    TradeOff tiny = TradeOff.of(new double[] {0, Double.MIN_VALUE}, new long[] {10, 0});
    TradeOff one = TradeOff.of(new double[] {0, 1}, new long[] {10, 0});
    List<List<Alternative>> parts =
        List.of(List.of(new Alternative(List.of(tiny))), List.of(new Alternative(List.of(one))));
    List<Share> shares = Allocation.divide(parts, 0.5);
    assertEquals(0, shares.get(0).numbers());
    assertEquals(10, shares.get(1).numbers());
  }
}
