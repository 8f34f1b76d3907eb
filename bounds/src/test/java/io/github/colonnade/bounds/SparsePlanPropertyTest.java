package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.SparsePlan.Block;
import io.github.colonnade.bounds.SparsePlan.Use;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class SparsePlanPropertyTest {

  private static final int BYTES = 4;

  /** Blocks with the energies of a few directions each, some of them nothing at all. */
  private static List<Block> blocks(
      Random random, int count, int directions, int mostOwn, long loneCost, double scale) {
    List<Block> blocks = new ArrayList<>();
    for (int j = 0; j < count; j++) {
      double[] shared = new double[directions];
      for (int i = 0; i < directions; i++) {
        double x = random.nextInt(4) == 0 ? 0 : Math.exp(3 * random.nextGaussian());
        shared[i] = x * scale;
      }
      double[] own = new double[mostOwn == 0 ? 0 : random.nextInt(mostOwn + 1)];
      for (int p = 0; p < own.length; p++) {
        own[p] = Math.exp(2 * random.nextGaussian()) * scale;
      }
      Arrays.sort(own);
      for (int p = 0; p < own.length / 2; p++) {
        double x = own[p];
        own[p] = own[own.length - 1 - p];
        own[own.length - 1 - p] = x;
      }
      double outside = random.nextInt(3) == 0 ? Math.exp(random.nextGaussian() - 3) * scale : 0;
      double energy = Arrays.stream(shared).sum() + Arrays.stream(own).sum() + outside;
      blocks.add(new Block(1 + random.nextInt(5), energy, shared, own, loneCost));
    }
    return blocks;
  }

  private static double lost(Block block, Use use) {
    double lost = block.energy();
    for (int i : use.rows()) {
      lost -= block.shared()[i];
    }
    for (int p = 0; p < use.own(); p++) {
      lost -= block.own()[p];
    }
    return lost;
  }

  /** All ways in which a block may use its directions. */
  private static List<Use> ways(Block block) {
    List<Use> ways = new ArrayList<>();
    for (int subset = 0; subset < 1 << block.shared().length; subset++) {
      int bits = subset;
      int[] rows =
          IntStream.range(0, block.shared().length).filter(i -> (bits >> i & 1) == 1).toArray();
      for (int own = 0; own <= block.own().length; own++) {
        ways.add(new Use(rows, own));
      }
    }
    return ways;
  }

  @Property(tries = 400)
  void inScopeBlockEachBlockIsAtItsOptimum(
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll("limits") double limit,
      @ForAll("scales") double scale,
      @ForAll long seed) {
    List<Block> blocks = blocks(new Random(seed), 4, 5, 2, 60, scale);
    SparsePlan plan = SparsePlan.of(rows, new ErrorLimit(limit, Scope.BLOCK), blocks, BYTES);
    long lone = blocks.stream().mapToLong(Block::loneCost).sum();
    assertTrue(plan.cost() <= lone);
    assertEquals(plan.cost(), SparsePlan.cost(rows, blocks, plan.uses(), BYTES));
    boolean allAlone = plan.uses().stream().allMatch(Optional::isEmpty);
    for (int j = 0; j < blocks.size(); j++) {
      Block block = blocks.get(j);
      long best =
          ways(block).stream()
              .filter(use -> lost(block, use) <= limit * limit * block.energy() * (1 - 1e-9))
              .mapToLong(use -> use.size() * block.columns() + (long) use.own() * rows)
              .min()
              .orElse(Long.MAX_VALUE);
      if (plan.uses().get(j).isPresent()) {
        Use use = plan.uses().get(j).get();
        assertTrue(lost(block, use) <= limit * limit * block.energy() + 1e-9 * block.energy());
        assertTrue(use.size() * block.columns() + (long) use.own() * rows <= best);
      } else {
        assertTrue(allAlone || best > block.loneCost());
      }
    }
  }

  @Property(tries = 400)
  void inScopeClusterTheJointLimitHoldsAndTheCostIsNearTheLeast(
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll("limits") double limit,
      @ForAll("scales") double scale,
      @ForAll long seed) {
    List<Block> blocks = blocks(new Random(seed), 3, 3, 1, 1000, scale);
    SparsePlan plan = SparsePlan.of(rows, new ErrorLimit(limit, Scope.CLUSTER), blocks, BYTES);
    double energy = blocks.stream().mapToDouble(Block::energy).sum();
    long best = best(rows, limit * limit * energy * (1 - 1e-9), blocks);
    if (plan.uses().stream().allMatch(Optional::isEmpty)) {
      assertTrue(best > 3000 || best == Long.MAX_VALUE);
      return;
    }
    double lost = 0;
    for (int j = 0; j < blocks.size(); j++) {
      lost += lost(blocks.get(j), plan.uses().get(j).orElseThrow());
    }
    assertTrue(lost <= (limit * limit + 1e-9) * energy, lost + " of " + energy);
    // What cannot be divided finely leaves a gap: one direction with its rows at most.
    long widest = rows + blocks.stream().mapToLong(Block::columns).sum();
    long mask = SparsePlan.maskNumbers(1, 100, BYTES) + 5;
    assertTrue(plan.cost() <= best + widest + mask, plan.cost() + " of " + best);
    assertTrue(plan.cost() <= cost(rows, blocks, keepingAll(blocks)) + mask);
  }

  @Property(tries = 300)
  void theCheapestPrefixIsNotDearerThanAnother(
      @ForAll @IntRange(min = 1, max = 12) int rows,
      @ForAll("limits") double limit,
      @ForAll("scales") double scale,
      @ForAll long seed) {
    List<Block> blocks = blocks(new Random(seed), 5, 7, 0, 60, scale);
    ErrorLimit errorLimit = new ErrorLimit(limit, Scope.BLOCK);
    int chosen = SparsePrefix.cheapest(rows, limit, blocks, Integer.MAX_VALUE, 7);
    assertTrue(chosen >= 1 && chosen <= 7);
    for (int s = 1; s <= 7; s++) {
      // All directions are paid for here, those that nobody uses too.
      assertTrue(cost(rows, limit, blocks, chosen) <= cost(rows, limit, blocks, s));
    }
    long plan = SparsePlan.of(rows, errorLimit, first(blocks, chosen), Integer.MAX_VALUE).cost();
    assertTrue(plan <= cost(rows, limit, blocks, chosen));
  }

  private static List<Block> first(List<Block> blocks, int directions) {
    return blocks.stream()
        .map(
            each ->
                new Block(
                    each.columns(),
                    each.energy(),
                    Arrays.copyOf(each.shared(), directions),
                    each.own(),
                    each.loneCost()))
        .toList();
  }

  private static long cost(long rows, double limit, List<Block> blocks, int directions) {
    long cost = rows * directions;
    boolean sharing = false;
    boolean all = true;
    for (Block block : first(blocks, directions)) {
      double allowed = limit * limit * block.energy();
      long own =
          ways(block).stream()
              .filter(use -> lost(block, use) <= allowed * (1 + 1e-9) + 1e-15 * block.energy())
              .mapToLong(use -> use.rows().length * block.columns())
              .min()
              .orElse(Long.MAX_VALUE);
      sharing |= own <= block.loneCost();
      all &= own == directions * block.columns() || own > block.loneCost();
      cost += Math.min(own, block.loneCost());
    }
    // A mask counts as one number here, whatever is in it.
    return cost + (sharing && !all ? 1 : 0);
  }

  private static List<Optional<Use>> keepingAll(List<Block> blocks) {
    List<Optional<Use>> all = new ArrayList<>();
    for (Block block : blocks) {
      int[] rows = IntStream.range(0, block.shared().length).toArray();
      all.add(Optional.of(new Use(rows, block.own().length)));
    }
    return all;
  }

  private static long cost(long rows, List<Block> blocks, List<Optional<Use>> uses) {
    return SparsePlan.cost(rows, blocks, uses, Integer.MAX_VALUE);
  }

  /** The least cost of all ways in which all blocks may use their directions, without the mask. */
  private static long best(long rows, double budget, List<Block> blocks) {
    long best = Long.MAX_VALUE;
    for (Use first : ways(blocks.get(0))) {
      for (Use second : ways(blocks.get(1))) {
        double lost = lost(blocks.get(0), first) + lost(blocks.get(1), second);
        if (lost > budget) {
          continue;
        }
        for (Use third : ways(blocks.get(2))) {
          if (lost + lost(blocks.get(2), third) <= budget) {
            List<Optional<Use>> uses =
                List.of(Optional.of(first), Optional.of(second), Optional.of(third));
            best = Math.min(best, cost(rows, blocks, uses));
          }
        }
      }
    }
    return best;
  }

  @Example
  void theGapToTheLeastCostIsSmallOnAverage() {
    long sum = 0;
    long best = 0;
    for (int seed = 0; seed < 200; seed++) {
      List<Block> blocks = blocks(new Random(seed), 3, 3, 1, 1000, 1);
      double energy = blocks.stream().mapToDouble(Block::energy).sum();
      long least = best(6, 0.04 * energy, blocks);
      if (least < Long.MAX_VALUE) {
        SparsePlan plan = SparsePlan.of(6, new ErrorLimit(0.2, Scope.CLUSTER), blocks, BYTES);
        sum += cost(6, blocks, plan.uses());
        best += least;
      }
    }
    assertTrue(best > 0);
    assertTrue(sum <= 1.05 * best, sum + " of " + best);
  }

  @Property(tries = 200)
  void scaleDoesNotMatter(
      @ForAll Scope scope, @ForAll("limits") double limit, @ForAll("scales") double scale) {
    ErrorLimit errorLimit = new ErrorLimit(limit, scope);
    List<Block> plain = blocks(new Random(9), 6, 8, 2, 40, 1);
    List<Block> scaled = blocks(new Random(9), 6, 8, 2, 40, scale);
    SparsePlan expected = SparsePlan.of(20, errorLimit, plain, BYTES);
    SparsePlan found = SparsePlan.of(20, errorLimit, scaled, BYTES);
    assertEquals(expected.cost(), found.cost());
    assertArrayEquals(expected.directions(), found.directions());
  }

  @Example
  void zeroBlocksUseNothing() {
    for (Scope scope : Scope.values()) {
      List<Block> blocks =
          List.of(
              new Block(3, 0, new double[2], new double[0], 30),
              new Block(3, 4, new double[] {4, 0}, new double[0], 30));
      SparsePlan plan = SparsePlan.of(10, new ErrorLimit(0, scope), blocks, BYTES);
      assertArrayEquals(new int[0], plan.uses().get(0).orElseThrow().rows());
      assertArrayEquals(new int[] {0}, plan.uses().get(1).orElseThrow().rows());
    }
  }

  @Example
  void oneThatNeedsTooMuchStaysAlone() {
    List<Block> blocks =
        List.of(
            new Block(4, 10, new double[] {9, 1}, new double[0], 40),
            new Block(4, 10, new double[] {9, 1}, new double[0], 40),
            new Block(4, 10, new double[] {1, 1}, new double[0], 24));
    SparsePlan plan = SparsePlan.of(10, new ErrorLimit(0.32, Scope.BLOCK), blocks, BYTES);
    assertEquals(
        List.of(true, true, false), plan.uses().stream().map(Optional::isPresent).toList());
    assertArrayEquals(new int[] {0}, plan.directions());
    assertEquals(10 + 4 + 4 + 24, plan.cost());
  }

  @Provide
  Arbitrary<Double> limits() {
    return Arbitraries.of(1e-6, 1e-3, 0.05, 0.1, 0.3, 0.6, 0.9);
  }

  @Provide
  Arbitrary<Double> scales() {
    return Arbitraries.of(1.0, 0x1p-1000, 0x1p-400, 0x1p-60, 0x1p60, 0x1p400, 0x1p1000);
  }
}
