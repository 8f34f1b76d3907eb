package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SmallestValuesPropertyTest {

  /** Whole numbers, whose sums are exact in any order, many of them equal. */
  @Property
  void asManyAsInOrder(
      @ForAll @IntRange(max = 700) int count,
      @ForAll @IntRange(min = 1, max = 1_000_000) int largest,
      @ForAll @DoubleRange(max = 1.2) double share,
      @ForAll long seed) {
    double[] values = new Random(seed).ints(count, 0, largest).asDoubleStream().toArray();
    double budget = Math.floor(share * Arrays.stream(values).sum());
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int fitting = 0;
    double sum = 0;
    while (fitting < count && sum + sorted[fitting] <= budget) {
      sum += sorted[fitting++];
    }

    SmallestValues found = SmallestValues.within(budget, values);

    assertEquals(fitting, found.count());
    assertEquals(sum, found.sum());
    assertEquals(fitting < count ? sorted[fitting] : Double.POSITIVE_INFINITY, found.next());
    Arrays.sort(values);
    assertArrayEquals(sorted, values);
  }

  /** Whole numbers times powers of two so far apart that each lot is nothing beside the next. */
  @Property
  void farBelowTheLargest(
      @ForAll @IntRange(min = 1, max = 300) int count,
      @ForAll @IntRange(min = 1, max = 4) int lots,
      @ForAll @IntRange(max = 3) int ends,
      @ForAll @DoubleRange(max = 1) double share,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] values = new double[count * lots];
    Arrays.setAll(values, i -> Math.scalb(1.0 + random.nextInt(1000), 200 * (i % lots) - 700));
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int lot = Math.min(ends, lots - 1);
    double budget = share * Arrays.stream(sorted, lot * count, (lot + 1) * count).sum();
    double unit = Math.scalb(1.0, 200 * lot - 700);
    budget = Math.floor(budget / unit) * unit;
    // Lots below are lost in sums with this one, which are then exact.
    int fitting = 0;
    double sum = 0;
    while (fitting < sorted.length && sum + sorted[fitting] <= budget) {
      sum += sorted[fitting++];
    }

    SmallestValues found = SmallestValues.within(budget, values);

    assertEquals(fitting, found.count());
    assertEquals(sum, found.sum());
    assertEquals(
        fitting < sorted.length ? sorted[fitting] : Double.POSITIVE_INFINITY, found.next());
  }

  /** Of many sizes: what fits is within the budget but for rounding, and one more is not. */
  @Property
  void theMostWithinTheBudget(
      @ForAll @IntRange(min = 1, max = 2000) int count,
      @ForAll @DoubleRange(max = 1) double share,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] values = new double[count];
    Arrays.setAll(values, i -> Math.exp(40 * random.nextGaussian()));
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double budget = share * Arrays.stream(sorted).sum();

    SmallestValues found = SmallestValues.within(budget, values);

    double exact = Arrays.stream(sorted, 0, found.count()).sum();
    double rounding = count * Math.ulp(budget);
    assertEquals(exact, found.sum(), rounding);
    assertTrue(exact <= budget + rounding);
    assertTrue(found.count() == count || exact + found.next() >= budget - rounding);
    assertTrue(found.count() == count || found.next() == sorted[found.count()]);
  }

  @Property(tries = 40)
  void whatFitsIntoNothingAndIntoEverything(
      @ForAll @IntRange(max = 100) int count, @ForAll @IntRange(min = 1, max = 3) int distinct) {
    double[] values = new Random(count).ints(count, 0, distinct).asDoubleStream().toArray();

    assertEquals(0, SmallestValues.within(Double.NaN, values.clone()).count());
    assertEquals(0, SmallestValues.within(-1, values.clone()).count());
    assertEquals(count, SmallestValues.within(Double.POSITIVE_INFINITY, values.clone()).count());
    double[] endless = Arrays.copyOf(values, count + 40);
    Arrays.fill(endless, count, endless.length, Double.POSITIVE_INFINITY);
    assertEquals(count, SmallestValues.within(1e9, endless).count());
  }

  /** Values that come in the worst order for a pivot in the middle. */
  @Property(tries = 20)
  void anyOrderEnds(@ForAll @IntRange(min = 1, max = 5000) int count) {
    double[] organPipe = new double[count];
    Arrays.setAll(organPipe, i -> Math.min(i, count - i));

    assertEquals(count, SmallestValues.within(Double.MAX_VALUE, organPipe).count());
    assertEquals(0, SmallestValues.within(-1, organPipe).count());
  }
}
