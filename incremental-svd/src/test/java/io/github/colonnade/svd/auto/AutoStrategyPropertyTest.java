package io.github.colonnade.svd.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.auto.ExpectedCost.Origin;
import io.github.colonnade.svd.factor.ClusterEncoder;
import io.github.colonnade.svd.factor.EncodedBlock;
import io.github.colonnade.svd.factor.EncoderSettings;
import io.github.colonnade.svd.factor.Encoding;
import io.github.colonnade.svd.factor.Float32;
import io.github.colonnade.svd.factor.Member;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.lost.LostPlan;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.partition.Strategies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.roaringbitmap.RoaringBitmap;

class AutoStrategyPropertyTest {

  static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  static final int M = 16;

  /** Blocks of unit energy: from one of two subspaces, noise, duplicates and single columns. */
  static List<double[]> blocks(int count, long seed) {
    Random random = new Random(seed);
    double[][] subspaces = {gaussian(random, M * 2), gaussian(random, M * 3)};
    List<double[]> blocks = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int kind = random.nextInt(6);
      int n = kind == 4 ? 1 : 2 + random.nextInt(10);
      double noise = kind == 3 ? 1 : 0.02 * random.nextInt(4);
      double[] subspace = subspaces[random.nextInt(2)];
      double[] block = new double[M * n];
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < subspace.length / M; l++) {
          double weight = kind == 3 ? 0 : random.nextGaussian();
          for (int i = 0; i < M; i++) {
            block[i + j * M] += weight * subspace[i + l * M];
          }
        }
      }
      for (int i = 0; i < block.length; i++) {
        block[i] += noise * random.nextGaussian();
      }
      if (kind == 5 && !blocks.isEmpty()) {
        block = blocks.get(random.nextInt(blocks.size())).clone();
      }
      double norm = Math.sqrt(Arrays.stream(block).map(x -> x * x).sum());
      for (int i = 0; i < block.length && norm > 0; i++) {
        block[i] /= norm;
      }
      blocks.add(block);
    }
    return blocks;
  }

  static double[] gaussian(Random random, int length) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  static Family family(List<double[]> blocks, Precision precision) {
    List<BlockSketch> sketches = new ArrayList<>();
    for (double[] block : blocks) {
      try (Matrix a = LA.fromColumns(block, M, block.length / M)) {
        sketches.add(BlockSketch.lossless(LA, LA.cast(a, precision)));
      }
    }
    return new Family(LA, precision, M, sketches);
  }

  /** The numbers that the encoder stores for a partition. */
  static long stored(List<double[]> blocks, List<PlannedCluster> partition, ErrorLimit limit) {
    ClusterEncoder encoder =
        new ClusterEncoder(LA, new EncoderSettings(limit, Integer.MAX_VALUE, new Float32()));
    long numbers = 0;
    for (PlannedCluster cluster : partition) {
      List<Member> members = new ArrayList<>();
      cluster.members().forEach((int j) -> members.add(member(blocks, j, limit)));
      for (Encoding encoding :
          encoder.encode(
              M,
              members,
              cluster.sharedDirections(),
              j -> LA.fromColumns(blocks.get(j), M, blocks.get(j).length / M))) {
        numbers += numbers(blocks, encoding);
      }
    }
    return numbers;
  }

  static long numbers(List<double[]> blocks, Encoding encoding) {
    if (encoding instanceof Encoding.Raw raw) {
      return blocks.get(raw.position()).length;
    }
    Encoding.LowRank factors = (Encoding.LowRank) encoding;
    long numbers = numbers(factors.basis()) + numbers(factors.mask());
    for (EncodedBlock block : factors.blocks()) {
      numbers += numbers(block.coefficients()) + (long) M * block.channels().length;
      numbers += LostPlan.bitmapNumbers(block.channels(), Float.BYTES);
    }
    return numbers;
  }

  private static long numbers(byte[] bytes) {
    return ((long) bytes.length + Float.BYTES - 1) / Float.BYTES;
  }

  static Member member(List<double[]> blocks, int j, ErrorLimit limit) {
    int columns = blocks.get(j).length / M;
    try (MatrixScope scope = new MatrixScope()) {
      LeftSvd svd = scope.own(LA.leftSvd(scope.own(LA.fromColumns(blocks.get(j), M, columns))));
      int rank = rank(svd.values(), limit.value());
      return new Member(j, columns, 0, StorageCost.best(rank, M, columns));
    }
  }

  private static int rank(double[] values, double limit) {
    double energy = Arrays.stream(values).map(x -> x * x).sum();
    double tail = 0;
    int rank = values.length;
    while (rank > 0 && tail + values[rank - 1] * values[rank - 1] <= limit * limit * energy) {
      tail += values[rank - 1] * values[rank - 1];
      rank--;
    }
    return rank;
  }

  static List<PlannedCluster> alone(int count) {
    return IntStream.range(0, count)
        .mapToObj(j -> PlannedCluster.of(RoaringBitmap.bitmapOf(j)))
        .toList();
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void neverMoreThanAPlainPartition(
      @ForAll @IntRange(min = 1, max = 14) int count,
      @ForAll Scope scope,
      @ForAll @IntRange(min = 0, max = 3) int limitIndex,
      @ForAll long seed) {
    ErrorLimit limit = new ErrorLimit(new double[] {0.01, 0.05, 0.1, 0.3}[limitIndex], scope);
    List<double[]> blocks = blocks(count, seed);
    try (Family family = family(blocks, Precision.FLOAT64)) {
      PartitionSettings settings = PartitionSettings.of(limit, 3, M);
      List<PlannedCluster> auto = new AutoStrategy().plan(family, settings);
      RoaringBitmap all = new RoaringBitmap();
      auto.forEach(
          each -> {
            assertTrue(!RoaringBitmap.intersects(all, each.members()), "disjoint");
            all.or(each.members());
          });
      assertEquals(RoaringBitmap.bitmapOfRange(0, count), all, "everybody");
      long stored = stored(blocks, auto, limit);
      assertAtMost(stored, stored(blocks, alone(count), limit), "alone");
      PlannedCluster single = PlannedCluster.of(RoaringBitmap.bitmapOfRange(0, count));
      assertAtMost(stored, stored(blocks, List.of(single), limit), "single");
      for (String name : Strategies.published()) {
        List<PlannedCluster> published =
            Strategies.byName(name).orElseThrow().plan(family, settings);
        assertAtMost(stored, stored(blocks, published, limit), name);
      }
    }
  }

  /**
   * The partitions compared here are stored by the same encoder, so they gain from masks and sparse
   * coefficients as well. What the latter save is not known when a partition is planned, and so
   * another one may store less: up to 14 % in 600 tries on collections as small as these. Next to
   * the plain costs of these partitions auto is never worse, see AutoNeverLosesPropertyTest.
   */
  private static void assertAtMost(long stored, long other, String name) {
    assertTrue(stored <= 1.2 * other + 2, () -> stored + " numbers, but " + name + " has " + other);
  }

  @Property(tries = 30)
  void theOrderOfEqualsIsFixed(
      @ForAll @IntRange(min = 2, max = 12) int count,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll long seed) {
    List<double[]> blocks = blocks(count, seed);
    PartitionSettings settings = PartitionSettings.of(new ErrorLimit(0.1, scope), 3, M);
    try (Family family = family(blocks, precision)) {
      assertEquals(
          new AutoStrategy().partition(family, settings),
          new AutoStrategy().partition(family, settings));
    }
  }

  @Example
  void twoSubspacesAreToldApart() {
    Random random = new Random(5);
    double[][] subspaces = {gaussian(random, M * 2), gaussian(random, M * 2)};
    List<double[]> blocks = new ArrayList<>();
    for (int k = 0; k < 20; k++) {
      double[] block = new double[M * 6];
      for (int j = 0; j < 6; j++) {
        for (int l = 0; l < 2; l++) {
          double weight = random.nextGaussian();
          for (int i = 0; i < M; i++) {
            block[i + j * M] += weight * subspaces[k % 2][i + l * M];
          }
        }
      }
      double norm = Math.sqrt(Arrays.stream(block).map(x -> x * x).sum());
      for (int i = 0; i < block.length; i++) {
        block[i] /= norm;
      }
      blocks.add(block);
    }
    try (Family family = family(blocks, Precision.FLOAT64)) {
      List<RoaringBitmap> clusters =
          new AutoStrategy()
              .partition(family, PartitionSettings.of(new ErrorLimit(0.01, Scope.BLOCK), 3, M));
      RoaringBitmap even = RoaringBitmap.bitmapOf(IntStream.range(0, 10).map(i -> 2 * i).toArray());
      RoaringBitmap odd =
          RoaringBitmap.bitmapOf(IntStream.range(0, 10).map(i -> 2 * i + 1).toArray());
      assertEquals(2, clusters.size());
      assertTrue(clusters.contains(even) && clusters.contains(odd), clusters.toString());
      // Two bases of 2 directions, and 2 rows for each of 120 columns.
      ExpectedCost expected =
          new AutoStrategy()
              .expectedCost(family, PartitionSettings.of(new ErrorLimit(0.01, Scope.BLOCK), 3, M));
      assertEquals(4 * M + 240, expected.numbers(), 1e-9);
      // Each block stands for 3, and its matrix for 5.
      List<Origin> apart = IntStream.range(0, 20).mapToObj(j -> new Origin(j, 3, 5)).toList();
      assertEquals(4 * M + 3 * 240, expected.extrapolated(apart), 1e-9);
      List<Origin> ofTwo = IntStream.range(0, 20).mapToObj(j -> new Origin(j % 2, 3, 5)).toList();
      assertEquals(5 * 4 * M + 3 * 240, expected.extrapolated(ofTwo), 1e-9);
    }
  }

  /**
   * Blocks of noise whose energy falls slowly along the same directions: no few directions serve
   * any of them, but in all of these most coefficients are small.
   */
  @Property(tries = 6)
  void blocksAsOfOneTransformShareItsBasis(
      @ForAll Scope scope, @ForAll @IntRange(min = 1, max = 1000) int seed) {
    Random random = new Random(seed);
    double[] basis = gaussian(random, M * M);
    List<double[]> blocks = new ArrayList<>();
    for (int k = 0; k < 80; k++) {
      double[] block = new double[M * 10];
      for (int j = 0; j < 10; j++) {
        for (int l = 0; l < M; l++) {
          double weight = random.nextGaussian() / Math.sqrt(1.0 + l);
          for (int i = 0; i < M; i++) {
            block[i + j * M] += weight * basis[i + l * M];
          }
        }
      }
      double norm = Math.sqrt(Arrays.stream(block).map(x -> x * x).sum());
      blocks.add(Arrays.stream(block).map(x -> x / norm).toArray());
    }
    ErrorLimit limit = new ErrorLimit(0.4, scope);
    try (Family family = family(blocks, Precision.FLOAT32)) {
      List<PlannedCluster> plan =
          new AutoStrategy().plan(family, PartitionSettings.of(limit, 3, M));
      int largest = plan.stream().mapToInt(p -> p.members().getCardinality()).max().orElse(0);
      assertTrue(largest >= 70, plan::toString);
      long apart = stored(blocks, alone(80), limit);
      assertTrue(stored(blocks, plan, limit) < 0.9 * apart, () -> apart + " numbers apart");
    }
  }

  /** With longer bases of their own they keep as few coefficients as in one for all. */
  @Property(tries = 6)
  void flatSubspacesThatHaveNothingInCommonStayApart(
      @ForAll @IntRange(min = 1, max = 1000) int seed) {
    Random random = new Random(seed);
    List<double[]> blocks = new ArrayList<>();
    for (int k = 0; k < 80; k++) {
      double[] block = new double[M * 10];
      for (int j = 0; j < 10; j++) {
        for (int i = 0; i < 4; i++) {
          block[4 * (k % 4) + i + j * M] = random.nextGaussian();
        }
      }
      double norm = Math.sqrt(Arrays.stream(block).map(x -> x * x).sum());
      blocks.add(Arrays.stream(block).map(x -> x / norm).toArray());
    }
    PartitionSettings settings = PartitionSettings.of(new ErrorLimit(0.4, Scope.BLOCK), 4, M);
    try (Family family = family(blocks, Precision.FLOAT32);
        Planner planner = new Planner(new Blocks(family, settings))) {
      List<int[]> subspaces =
          IntStream.range(0, 4)
              .mapToObj(s -> IntStream.range(0, 20).map(i -> 4 * i + s).toArray())
              .toList();
      List<Group> groups = planner.settledAll(subspaces);
      assertEquals(4, groups.size());
      assertEquals(0, planner.sharingOne(groups, new int[0]).length);
    }
  }
}
