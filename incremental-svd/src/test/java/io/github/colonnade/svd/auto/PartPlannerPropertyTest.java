package io.github.colonnade.svd.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.roaringbitmap.RoaringBitmap;

class PartPlannerPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 48;
  private static final int DIMENSION = 3;

  /** Subspaces by number; blocks are made from them with noise. */
  private static final class Planted {
    final Random random;
    final List<double[]> subspaces = new ArrayList<>();
    final List<double[]> blocks = new ArrayList<>();

    Planted(int count, long seed) {
      random = new Random(seed);
      for (int i = 0; i < count; i++) {
        subspaces.add(gaussian(M * DIMENSION));
      }
    }

    private double[] gaussian(int length) {
      return IntStream.range(0, length).mapToDouble(i -> random.nextGaussian()).toArray();
    }

    void add(int subspace, int columns, double noise) {
      double[] basis = subspaces.get(subspace);
      double[] block = new double[M * columns];
      for (int j = 0; j < columns; j++) {
        for (int l = 0; l < DIMENSION; l++) {
          double weight = random.nextGaussian();
          for (int i = 0; i < M; i++) {
            block[i + j * M] += weight * basis[i + l * M];
          }
        }
      }
      addNoise(block, noise);
    }

    /** The norm of the noise over that of the rest; no rest at all if it is not below 1. */
    private void addNoise(double[] block, double noise) {
      double[] more = unit(gaussian(block.length));
      double[] unit = unit(block);
      for (int i = 0; i < block.length; i++) {
        block[i] = noise < 1 ? unit[i] + noise * more[i] : more[i];
      }
      blocks.add(unit(block));
    }

    private static double[] unit(double[] values) {
      double norm = Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
      return Arrays.stream(values).map(x -> norm == 0 ? 0 : x / norm).toArray();
    }

    Family family(int from, int to, Precision precision) {
      List<BlockSketch> sketches = new ArrayList<>();
      for (double[] block : blocks.subList(from, to)) {
        try (Matrix a = LA.fromColumns(block, M, block.length / M)) {
          sketches.add(BlockSketch.lossless(LA, LA.cast(a, precision)));
        }
      }
      return new Family(LA, precision, M, sketches);
    }
  }

  private static PartitionSettings settings(double limit, Scope scope) {
    return PartitionSettings.of(new ErrorLimit(limit, scope), DIMENSION + 2, M);
  }

  /** Parts of equal size, merged in the tree. */
  private static List<PlannedCluster> plan(
      Planted planted, int parts, PartitionSettings settings, Precision precision, long open) {
    PartPlanner planner = new PartPlanner(LA, precision, M, settings, open, new DecisionTally());
    List<Family> families = new ArrayList<>();
    try (MatrixScope scope = new MatrixScope()) {
      List<Part> level = new ArrayList<>();
      int count = planted.blocks.size();
      for (int p = 0; p < parts; p++) {
        Family family = planted.family(p * count / parts, (p + 1) * count / parts, precision);
        families.add(family);
        level.add(planner.partition(family, scope));
      }
      while (level.size() > 1) {
        List<Part> merged = new ArrayList<>();
        for (int node = 0; node < PartTree.parents(level.size()); node++) {
          int from = node * PartTree.FAN_IN;
          int to = Math.min(level.size(), from + PartTree.FAN_IN);
          merged.add(planner.merge(level.subList(from, to), scope));
        }
        level = merged;
      }
      assertEquals(count, level.get(0).size());
      return level.get(0).plan();
    } finally {
      families.forEach(Family::close);
    }
  }

  @Property(tries = 15, shrinking = ShrinkingMode.OFF)
  void everyBlockIsInOneClusterWhateverTheTree(
      @ForAll @IntRange(min = 4, max = 60) int count,
      @ForAll @IntRange(min = 1, max = 20) int parts,
      @ForAll @DoubleRange(min = 0, max = 0.5) double limit,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll @IntRange(min = 0, max = 3) int openSketches,
      @ForAll long seed) {
    Planted planted = new Planted(3, seed);
    for (int k = 0; k < count; k++) {
      int columns = 1 + planted.random.nextInt(12);
      double noise = planted.random.nextInt(4) == 0 ? 1 : 0.1 * planted.random.nextDouble();
      planted.add(planted.random.nextInt(3), columns, noise);
    }
    long open = openSketches == 3 ? Long.MAX_VALUE : openSketches * 40L * M;
    PartitionSettings settings = settings(limit, scope);
    int possible = Math.min(parts, count / 2);
    List<PlannedCluster> plan = plan(planted, possible, settings, precision, open);
    RoaringBitmap seen = new RoaringBitmap();
    for (PlannedCluster cluster : plan) {
      assertTrue(RoaringBitmap.andCardinality(seen, cluster.members()) == 0, plan.toString());
      seen.or(cluster.members());
    }
    assertEquals(RoaringBitmap.bitmapOfRange(0, count), seen);
    assertEquals(plan, plan(planted, possible, settings, precision, open));
  }

  @Property(tries = 8, shrinking = ShrinkingMode.OFF)
  void partsFindTheSubspacesThatAreInAllOfThem(
      @ForAll @IntRange(min = 2, max = 17) int parts,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll long seed) {
    int subspaces = 5;
    Planted planted = new Planted(subspaces, seed);
    for (int k = 0; k < parts * 15; k++) {
      planted.add(k % subspaces, 10, 0.02);
    }
    List<PlannedCluster> plan =
        plan(planted, parts, settings(0.05, scope), precision, Long.MAX_VALUE);
    TreeSet<Integer> found = new TreeSet<>();
    for (PlannedCluster cluster : plan) {
      TreeMap<Integer, Integer> from = new TreeMap<>();
      cluster.members().forEach((int j) -> from.merge(j % subspaces, 1, Integer::sum));
      assertEquals(1, from.size(), () -> from + " in " + plan);
      assertTrue(found.add(from.firstKey()), () -> from + " again in " + plan);
    }
    assertEquals(subspaces, plan.size());
  }

  @Example
  void aBlockAloneInItsPartJoinsTheClusterOfAnother() {
    Planted planted = new Planted(2, 1);
    for (int k = 0; k < 8; k++) {
      planted.add(0, 10, 0.02);
    }
    for (int k = 0; k < 7; k++) {
      planted.add(1, 10, 0.02);
    }
    planted.add(0, 10, 0.02);
    List<PlannedCluster> plan =
        plan(planted, 2, settings(0.05, Scope.BLOCK), Precision.FLOAT64, Long.MAX_VALUE);
    RoaringBitmap first = RoaringBitmap.bitmapOfRange(0, 8);
    first.add(15);
    assertEquals(
        List.of(first, RoaringBitmap.bitmapOfRange(8, 15)),
        plan.stream().map(PlannedCluster::members).toList());
  }

  @Example
  void blocksThatAreAloneInTheirPartsFindEachOther() {
    Planted planted = new Planted(6, 2);
    for (int k = 0; k < 6 * 4; k++) {
      planted.add(k % 6, 10, 0.02);
    }
    List<PlannedCluster> plan =
        plan(planted, 4, settings(0.05, Scope.BLOCK), Precision.FLOAT64, Long.MAX_VALUE);
    assertEquals(6, plan.size());
    List<PlannedCluster> without =
        plan(planted, 4, settings(0.05, Scope.BLOCK), Precision.FLOAT64, 0);
    assertEquals(24, without.size());
  }

  /** The basis counts once, and the coefficients of a sample as often as it stands for blocks. */
  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void aSubspaceCostsOneBasisAndCoefficientsByWeight(
      @ForAll @IntRange(min = 2, max = 30) int count,
      @ForAll @DoubleRange(min = 1, max = 9) double weight,
      @ForAll Scope scope,
      @ForAll long seed) {
    int columns = 8;
    Planted planted = new Planted(1, seed);
    for (int k = 0; k < count; k++) {
      planted.add(0, columns, 0);
    }
    PartitionSettings settings = settings(1e-6, scope);
    try (Family family = planted.family(0, count, Precision.FLOAT64);
        MatrixScope matrices = new MatrixScope()) {
      int[] all = IntStream.range(0, count).toArray();
      double[] weights = new double[count];
      Arrays.fill(weights, weight);
      var sketch = new ClusterSketcher(family, settings).of(all);
      matrices.own(sketch.basis());
      SharedCost.Estimate estimate =
          new SharedCost(new Blocks(family, settings))
              .of(sketch, new SharedCost.Weighted(all, weights), new int[] {1, DIMENSION});
      assertEquals(DIMENSION, estimate.rank());
      // Rows that all members use are counted by the sketch, which is that of all blocks.
      double counted = scope == Scope.BLOCK ? weight : 1;
      double expected = DIMENSION * (M + count * counted * columns);
      assertEquals(expected, estimate.cost(), DIMENSION * count * 0.51);
    }
  }
}
