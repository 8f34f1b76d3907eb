package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.SparsePlan.Block;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TradeOffTest {

  @Test
  void keepsWhatNothingBeats() {
    TradeOff curve = TradeOff.of(new double[] {3, 0, 1, 2, 1}, new long[] {1, 9, 7, 8, 6});
    assertEquals(3, curve.size());
    assertEquals(9, curve.numbersWithin(0.5));
    assertEquals(6, curve.numbersWithin(1));
    assertEquals(6, curve.numbersWithin(2.9));
    assertEquals(1, curve.numbersWithin(100));
  }

  @Test
  void theHullLeavesOutWhatNoPriceWants() {
    TradeOff curve = TradeOff.of(new double[] {0, 1, 2}, new long[] {10, 9, 0});
    assertEquals(2, curve.hullSize());
    assertEquals(2, curve.onHull(curve.cheapestAt(4.9)));
    assertEquals(0, curve.onHull(curve.cheapestAt(5.1)));
  }

  @Test
  void aMatrixIsRawLostOrOfSomeRank() {
    TradeOff curve = TradeOff.ofMatrix(Spectrum.ofKept(new double[] {4, 2, 1}, 0.5), 4, 4, 10, 0.1);
    // Rank 2 is no fewer numbers than the matrix itself.
    assertEquals(16, curve.numbersWithin(0));
    assertEquals(8, curve.numbersWithin(3.5 + 0.01 * 7.5));
    assertEquals(0, curve.numbersWithin(7.5));
    assertEquals(3, curve.size());
  }

  @Test
  void scalingKeepsTheWays() {
    TradeOff curve = TradeOff.of(new double[] {0, 1, 2}, new long[] {10, 5, 0}).scaledBy(8);
    assertEquals(5, curve.numbersWithin(8));
    assertEquals(1, curve.scaledBy(0).size());
  }

  @Test
  void refusesWhatIsNoEnergy() {
    assertThrows(
        IllegalArgumentException.class,
        () -> TradeOff.of(new double[] {Double.NaN}, new long[] {1}));
    assertThrows(IllegalArgumentException.class, () -> TradeOff.of(new double[0], new long[0]));
  }

  /** What a sparse trade-off promises for a loss, the plan for that loss holds. */
  @Property(tries = 200)
  void sparsePlansKeepWhatTheTradeOffSays(
      @ForAll @IntRange(min = 2, max = 6) int count,
      @ForAll @IntRange(min = 1, max = 6) int directions,
      @ForAll long seed) {
    Random random = new Random(seed);
    List<Block> blocks = new ArrayList<>();
    double energy = 0;
    for (int j = 0; j < count; j++) {
      double[] shared = random.doubles(directions).map(x -> x * x * x).toArray();
      double own = Arrays.stream(shared).sum();
      energy += own;
      blocks.add(new Block(1 + random.nextInt(5), own, shared, new double[0], 1_000_000));
    }
    TradeOff curve = SparseTradeOff.of(7, blocks, 0, 0, 4, 40);
    assertEquals(0, curve.numbersWithin(energy * (1 + 1e-12)));
    for (int way = 0; way < curve.size(); way++) {
      double limit = Math.sqrt(curve.lost(way) / energy) * (1 + 1e-9);
      if (limit < 1) {
        SparsePlan plan = SparsePlan.of(7, new ErrorLimit(limit, Scope.CLUSTER), blocks, 4);
        assertTrue(
            plan.cost() <= curve.numbers(way), plan.cost() + " against " + curve.numbers(way));
      }
    }
  }
}
