package io.github.colonnade.svd.auto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.roaringbitmap.RoaringBitmap;

class GallopStrategyPropertyTest {

  private static final LinearAlgebra LA = new ReferenceLinearAlgebra();
  private static final int M = 24;
  private static final int RANK = 3;

  /** Blocks in turns from some random subspaces of {@link #RANK} dimensions and noise. */
  private static List<Matrix> blocks(
      int count, int subspaces, int columns, double noise, double scale, long seed) {
    Random random = new Random(seed);
    double[][] bases = new double[subspaces][];
    for (int s = 0; s < subspaces; s++) {
      bases[s] = random.doubles((long) M * RANK, -1, 1).toArray();
    }
    List<Matrix> blocks = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      double[] basis = bases[k % subspaces];
      double[] block = new double[M * columns];
      for (int j = 0; j < columns; j++) {
        for (int l = 0; l < RANK; l++) {
          double weight = scale * random.nextGaussian();
          for (int i = 0; i < M; i++) {
            block[i + j * M] += weight * basis[i + l * M];
          }
        }
        for (int i = 0; i < M; i++) {
          block[i + j * M] += scale * noise * random.nextGaussian();
        }
      }
      blocks.add(LA.fromColumns(block, M, columns));
    }
    return blocks;
  }

  private static List<RoaringBitmap> partition(List<Matrix> blocks, ErrorLimit limit, int rank) {
    List<BlockSketch> sketches =
        blocks.stream().map(block -> BlockSketch.lossless(LA, block)).toList();
    try (Family family = new Family(LA, Precision.FLOAT64, M, sketches)) {
      return new GallopStrategy().partition(family, PartitionSettings.of(limit, rank, M));
    }
  }

  /** ‖M − M_r‖ / ‖M‖ of some blocks side by side. */
  private static double error(List<Matrix> blocks, RoaringBitmap members, int rank) {
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> parts = members.stream().mapToObj(blocks::get).toList();
      LeftSvd svd = scope.own(LA.leftSvd(scope.own(LA.concatenate(parts))));
      double total = 0;
      double tail = 0;
      for (int i = 0; i < svd.values().length; i++) {
        double square = svd.values()[i] * svd.values()[i];
        total += square;
        tail += i < rank ? 0 : square;
      }
      return Math.sqrt(tail / total);
    }
  }

  @Property(tries = 200)
  void eachClusterMeetsTheLimitAtTheRank(
      @ForAll @IntRange(min = 1, max = 40) int count,
      @ForAll @IntRange(min = 1, max = 4) int subspaces,
      @ForAll @IntRange(min = 1, max = 6) int columns,
      @ForAll @IntRange(min = 1, max = M + 6) int rank,
      @ForAll @IntRange(min = 0, max = 2) int noise,
      @ForAll @IntRange(min = -1, max = 1) int scale,
      @ForAll @IntRange(min = 0, max = 3) int limitIndex,
      @ForAll long seed) {
    ErrorLimit limit = new ErrorLimit(new double[] {0.02, 0.1, 0.4, 0.8}[limitIndex], Scope.BLOCK);
    List<Matrix> blocks =
        blocks(count, subspaces, columns, 0.05 * noise, Math.pow(10, 12 * scale), seed);
    List<RoaringBitmap> clusters = partition(blocks, limit, rank);
    RoaringBitmap all = new RoaringBitmap();
    for (RoaringBitmap cluster : clusters) {
      assertTrue(!RoaringBitmap.intersects(all, cluster), "disjoint");
      all.or(cluster);
      if (cluster.getCardinality() > 1) {
        double error = error(blocks, cluster, rank);
        assertTrue(error <= limit.value() * (1 + 1e-9), () -> cluster + " has " + error);
      }
    }
    assertEquals(RoaringBitmap.bitmapOfRange(0, count), all, "everybody");
    assertEquals(clusters, partition(blocks, limit, rank), "again");
    blocks.forEach(Matrix::close);
  }

  private static final int PER_SUBSPACE = 25;

  private static List<RoaringBitmap> subspaces(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            s ->
                RoaringBitmap.bitmapOf(
                    IntStream.range(0, PER_SUBSPACE).map(i -> s + i * count).toArray()))
        .toList();
  }

  private static int most(List<RoaringBitmap> sets, RoaringBitmap of) {
    return sets.stream().mapToInt(each -> RoaringBitmap.andCardinality(each, of)).max().orElse(0);
  }

  /** So many subspaces that most blocks are far from each. */
  @Property(tries = 40)
  void subspacesAreToldApart(
      @ForAll @IntRange(min = 2, max = 6) int subspaces,
      @ForAll @IntRange(min = RANK, max = 6) int columns,
      @ForAll long seed) {
    List<Matrix> blocks = blocks(PER_SUBSPACE * subspaces, subspaces, columns, 0, 1, seed);
    List<RoaringBitmap> found = partition(blocks, new ErrorLimit(0.02, Scope.BLOCK), RANK);
    assertEquals(Set.copyOf(subspaces(subspaces)), Set.copyOf(found));
    blocks.forEach(Matrix::close);
  }

  /**
   * The blocks nearest to one that is narrower than its subspace may be of another. Who is far from
   * a basis with these is given up, and that may be one of its own subspace. And a block of little
   * energy may fit into the limit of any cluster.
   */
  @Property(tries = 40)
  void narrowBlocksAreToldApartButForFew(
      @ForAll @IntRange(min = 2, max = 6) int subspaces,
      @ForAll @IntRange(min = 1, max = RANK - 1) int columns,
      @ForAll long seed) {
    List<Matrix> blocks = blocks(PER_SUBSPACE * subspaces, subspaces, columns, 0, 1, seed);
    List<RoaringBitmap> found = partition(blocks, new ErrorLimit(0.02, Scope.BLOCK), RANK);
    for (RoaringBitmap subspace : subspaces(subspaces)) {
      assertTrue(most(found, subspace) >= PER_SUBSPACE / 2, () -> subspace + " in " + found);
    }
    for (RoaringBitmap each : found) {
      int most = most(subspaces(subspaces), each);
      assertTrue(most >= each.getCardinality() - 2, () -> each + " is of several");
    }
    blocks.forEach(Matrix::close);
  }

  /** The copies of the largest block are its nearest, and tell nothing of the others. */
  @Example
  void copiesOfTheSeedHideNobody() {
    List<Matrix> blocks = new ArrayList<>();
    List<Matrix> all = blocks(30, 1, 1, 0, 1, 7);
    Matrix seed = LA.scaleColumns(all.get(0), new double[] {100});
    for (int copy = 0; copy < 5; copy++) {
      blocks.add(LA.cast(seed, Precision.FLOAT64));
    }
    blocks.addAll(all);
    List<RoaringBitmap> found = partition(blocks, new ErrorLimit(1e-6, Scope.BLOCK), 8);
    assertEquals(List.of(RoaringBitmap.bitmapOfRange(0, blocks.size())), found);
    blocks.forEach(Matrix::close);
    seed.close();
  }

  /** Equal pairs cost less together than alone at their rank, so no number of them ends a pass. */
  @Example
  void pairsThatSaveAreAllFound() {
    List<Matrix> blocks = new ArrayList<>();
    for (int pair = 0; pair < 60; pair++) {
      blocks.addAll(blocks(1, 1, 4, 0, 1, pair));
      blocks.addAll(blocks(1, 1, 4, 0, 1, pair));
    }
    List<RoaringBitmap> found = partition(blocks, new ErrorLimit(0.02, Scope.BLOCK), RANK);
    assertEquals(60, found.size());
    assertTrue(found.stream().allMatch(each -> each.getCardinality() == 2), found::toString);
    blocks.forEach(Matrix::close);
  }

  /** Blocks of noise have no subspace of few directions in common. */
  @Example
  void strangersStayAlone() {
    List<Matrix> blocks = blocks(60, 60, 4, 1, 1, 7);
    List<RoaringBitmap> found = partition(blocks, new ErrorLimit(0.02, Scope.BLOCK), RANK);
    assertEquals(60, found.size());
    blocks.forEach(Matrix::close);
  }
}
