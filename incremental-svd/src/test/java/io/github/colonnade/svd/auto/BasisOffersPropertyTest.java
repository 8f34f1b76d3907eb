package io.github.colonnade.svd.auto;

import static io.github.colonnade.svd.auto.AutoStrategyPropertyTest.LA;
import static io.github.colonnade.svd.auto.AutoStrategyPropertyTest.M;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.ClusterEncoder;
import io.github.colonnade.svd.factor.EncoderSettings;
import io.github.colonnade.svd.factor.Encoding;
import io.github.colonnade.svd.factor.Float32;
import io.github.colonnade.svd.factor.GivenBasis;
import io.github.colonnade.svd.factor.GivenBasisEncoder;
import io.github.colonnade.svd.factor.Member;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.roaringbitmap.RoaringBitmap;

class BasisOffersPropertyTest {

  private static final Float32 FORMAT = new Float32();

  private static Matrix block(List<double[]> blocks, int j) {
    return LA.fromColumns(blocks.get(j), M, blocks.get(j).length / M);
  }

  /** The bases that the ordinary encoder stores for clusters of blocks, as their bytes say. */
  private static List<Matrix> stored(
      List<double[]> blocks, List<PlannedCluster> clusters, ErrorLimit limit, MatrixScope scope) {
    List<Matrix> bases = new ArrayList<>();
    EncoderSettings settings = new EncoderSettings(limit, Integer.MAX_VALUE, FORMAT);
    for (PlannedCluster cluster : clusters) {
      List<Member> members = new ArrayList<>();
      cluster
          .members()
          .forEach((int j) -> members.add(AutoStrategyPropertyTest.member(blocks, j, limit)));
      for (Encoding encoding :
          new ClusterEncoder(LA, settings)
              .encode(M, members, cluster.sharedDirections(), j -> block(blocks, j))) {
        if (encoding instanceof Encoding.LowRank factors && factors.rank() > 0) {
          double[] rows = FORMAT.decode(factors.basis());
          double[] columns = new double[rows.length];
          for (int i = 0; i < M; i++) {
            for (int k = 0; k < factors.rank(); k++) {
              columns[i + k * M] = rows[k + i * factors.rank()];
            }
          }
          bases.add(scope.own(LA.fromColumns(columns, M, factors.rank())));
        }
      }
    }
    return bases;
  }

  /** What is stored for new blocks, on bases that are there and on those that come with them. */
  private static long numbers(
      List<double[]> blocks, BasisOffers.Plan plan, List<Matrix> bases, ErrorLimit limit) {
    long numbers = AutoStrategyPropertyTest.stored(blocks, plan.clusters(), limit);
    EncoderSettings settings = new EncoderSettings(limit, Integer.MAX_VALUE, FORMAT);
    for (int b = 0; b < bases.size(); b++) {
      List<Member> members = new ArrayList<>();
      for (int j = 0; j < blocks.size(); j++) {
        if (plan.bases()[j] == b) {
          members.add(AutoStrategyPropertyTest.member(blocks, j, limit));
        }
      }
      try (GivenBasis basis = GivenBasis.of(LA, bases.get(b), FORMAT)) {
        GivenBasisEncoder.Result result =
            new GivenBasisEncoder(LA, settings).encode(M, members, basis, j -> block(blocks, j));
        if (result.joined().isPresent()) {
          numbers += AutoStrategyPropertyTest.numbers(blocks, result.joined().get());
        }
        for (Encoding each :
            new ClusterEncoder(LA, settings)
                .encode(M, result.others(), OptionalInt.empty(), j -> block(blocks, j))) {
          numbers += AutoStrategyPropertyTest.numbers(blocks, each);
        }
      }
    }
    return numbers;
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void everyBlockHasOnePlaceAndNoneIsWorseOff(
      @ForAll @IntRange(min = 1, max = 10) int old,
      @ForAll @IntRange(min = 1, max = 10) int added,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll @IntRange(min = 0, max = 3) int limitIndex,
      @ForAll long seed) {
    ErrorLimit limit = new ErrorLimit(new double[] {0.002, 0.05, 0.1, 0.3}[limitIndex], scope);
    List<double[]> all = AutoStrategyPropertyTest.blocks(old + added, seed);
    List<double[]> before = all.subList(0, old);
    List<double[]> blocks = all.subList(old, all.size());
    PartitionSettings settings = PartitionSettings.of(limit, 3, M);
    try (MatrixScope matrices = new MatrixScope();
        Family first = AutoStrategyPropertyTest.family(before, precision);
        Family family = AutoStrategyPropertyTest.family(blocks, precision)) {
      List<Matrix> bases =
          stored(before, new AutoStrategy().plan(first, settings), limit, matrices);
      BasisOffers.Plan plan = plan(family, settings, bases);
      RoaringBitmap placed = new RoaringBitmap();
      for (PlannedCluster cluster : plan.clusters()) {
        assertTrue(!RoaringBitmap.intersects(placed, cluster.members()), "disjoint");
        placed.or(cluster.members());
      }
      for (int j = 0; j < added; j++) {
        assertTrue(placed.contains(j) != (plan.bases()[j] >= 0), "one place for " + j);
        if (plan.bases()[j] >= 0) {
          assertServes(bases.get(plan.bases()[j]), blocks.get(j), limit.value());
        }
      }
      assertEquals(added, placed.getCardinality() + joining(plan));
      long together = numbers(blocks, plan, bases, limit);
      long without =
          AutoStrategyPropertyTest.stored(blocks, new AutoStrategy().plan(family, settings), limit);
      // What single coefficients save is a guess, as in AutoStrategyPropertyTest, and among so few
      // blocks one direction too many is a good part of all.
      assertTrue(together <= 1.2 * without + M, () -> together + ", but without bases " + without);
    }
  }

  private static long joining(BasisOffers.Plan plan) {
    return Arrays.stream(plan.bases()).filter(b -> b != BasisOffers.NONE).count();
  }

  private static BasisOffers.Plan plan(
      Family family, PartitionSettings settings, List<Matrix> bases) {
    try (BasisOffers offers = new BasisOffers(family, settings)) {
      for (Matrix stored : bases) {
        try (GivenBasis basis = GivenBasis.of(LA, stored, FORMAT)) {
          offers.offer(basis.directions(), j -> true);
        }
      }
      return offers.plan(new AutoStrategy());
    }
  }

  /** In double, with plain loops: what a block has outside of orthonormal columns. */
  private static void assertServes(Matrix stored, double[] block, double limit) {
    double[] q;
    int rank;
    try (GivenBasis basis = GivenBasis.of(LA, stored, FORMAT)) {
      q = basis.directions().toDoubles();
      rank = basis.directions().columns();
    }
    double outside = 0;
    for (int j = 0; j < block.length / M; j++) {
      double[] column = Arrays.copyOfRange(block, j * M, (j + 1) * M);
      for (int k = 0; k < rank; k++) {
        double along = 0;
        for (int i = 0; i < M; i++) {
          along += q[i + k * M] * column[i];
        }
        for (int i = 0; i < M; i++) {
          column[i] -= along * q[i + k * M];
        }
      }
      outside += Arrays.stream(column).map(x -> x * x).sum();
    }
    double energy = Arrays.stream(block).map(x -> x * x).sum();
    assertTrue(
        Math.sqrt(outside / energy) <= limit * (1 + 1e-3) + 1e-6,
        "lies outside by " + Math.sqrt(outside / energy));
  }

  private static List<double[]> within(double[] subspace, int count, Random random) {
    List<double[]> blocks = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      double[] block = new double[M * 5];
      for (int j = 0; j < 5; j++) {
        for (int l = 0; l < subspace.length / M; l++) {
          double weight = random.nextGaussian();
          for (int i = 0; i < M; i++) {
            block[i + j * M] += weight * subspace[i + l * M];
          }
        }
      }
      blocks.add(block);
    }
    return blocks;
  }

  private static Matrix orthonormal(double[] subspace) {
    try (Matrix columns = LA.fromColumns(subspace, M, subspace.length / M)) {
      LinearAlgebra.Qr qr = LA.qr(columns);
      qr.r().close();
      return qr.q();
    }
  }

  @Property(tries = 20)
  void blocksOfAKnownSubspaceJoinItsBasisAndOthersFindOneOfTheirOwn(
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll @IntRange(min = 1, max = 1000) int seed) {
    Random random = new Random(seed);
    double[][] subspaces = new double[3][];
    for (int s = 0; s < 3; s++) {
      subspaces[s] = AutoStrategyPropertyTest.gaussian(random, M * 2);
    }
    List<double[]> blocks = new ArrayList<>();
    for (double[] subspace : subspaces) {
      blocks.addAll(within(subspace, 8, random));
    }
    PartitionSettings settings = PartitionSettings.of(new ErrorLimit(0.05, scope), 3, M);
    try (MatrixScope matrices = new MatrixScope();
        Family family = AutoStrategyPropertyTest.family(blocks, precision)) {
      List<Matrix> bases =
          List.of(
              matrices.own(orthonormal(subspaces[1])),
              matrices.own(orthonormal(subspaces[0])),
              matrices.own(orthonormal(subspaces[1])));
      BasisOffers.Plan plan = plan(family, settings, bases);
      int[] expected = IntStream.range(0, 24).map(j -> j < 8 ? 1 : j < 16 ? 0 : -1).toArray();
      assertArrayEquals(expected, plan.bases());
      assertEquals(
          List.of(PlannedCluster.of(RoaringBitmap.bitmapOfRange(16, 24)).members()),
          plan.clusters().stream().map(PlannedCluster::members).toList());
    }
  }

  /** A basis of all directions serves everything, and is dearer than a new one of few. */
  @Example
  void aBasisOfAllDirectionsIsNoReasonToStoreMore() {
    Random random = new Random(3);
    double[] subspace = AutoStrategyPropertyTest.gaussian(random, M * 2);
    List<double[]> blocks = within(subspace, 40, random);
    PartitionSettings settings = PartitionSettings.of(new ErrorLimit(0.01, Scope.BLOCK), 3, M);
    double[] every = AutoStrategyPropertyTest.gaussian(random, M * M);
    try (MatrixScope matrices = new MatrixScope();
        Family family = AutoStrategyPropertyTest.family(blocks, Precision.FLOAT32);
        Family few = AutoStrategyPropertyTest.family(blocks.subList(0, 1), Precision.FLOAT32)) {
      List<Matrix> bases = List.of(matrices.own(orthonormal(every)));
      BasisOffers.Plan plan = plan(family, settings, bases);
      assertEquals(0, joining(plan));
      assertEquals(1, plan.clusters().size());
      assertEquals(40, plan.clusters().get(0).members().getCardinality());
      assertEquals(1, plan(few, settings, bases).clusters().size(), "two directions take less");
    }
  }

  @Example
  void onlyBlocksThatMayUseABasisJoinIt() {
    Random random = new Random(4);
    double[] subspace = AutoStrategyPropertyTest.gaussian(random, M * 2);
    List<double[]> blocks = within(subspace, 6, random);
    PartitionSettings settings = PartitionSettings.of(new ErrorLimit(0.01, Scope.BLOCK), 3, M);
    try (MatrixScope matrices = new MatrixScope();
        Family family = AutoStrategyPropertyTest.family(blocks, Precision.FLOAT32);
        BasisOffers offers = new BasisOffers(family, settings)) {
      offers.offer(matrices.own(orthonormal(subspace)), j -> j % 2 == 1);
      BasisOffers.Plan plan = offers.plan(new AutoStrategy());
      assertArrayEquals(new int[] {-1, 0, -1, 0, -1, 0}, plan.bases());
    }
  }
}
