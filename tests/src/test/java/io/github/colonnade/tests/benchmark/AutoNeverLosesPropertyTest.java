package io.github.colonnade.tests.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.Strategies;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.roaringbitmap.RoaringBitmap;

/**
 * What the default strategy stores, as encoded, next to the least that the plain partitions cost by
 * exact decompositions in double. Sketches drop nothing here, so that estimates are what will be
 * found.
 */
class AutoNeverLosesPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 16;

  /** Blocks from one of two subspaces, noise, duplicates, single columns, of very uneven size. */
  static DataSet blocks(int count, long seed) {
    Random random = new Random(seed);
    float[][] subspaces = {gaussian(random, M * 2), gaussian(random, M * 3)};
    List<float[]> blocks = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      int kind = random.nextInt(6);
      int n = kind == 4 ? 1 : 2 + random.nextInt(10);
      double noise = kind == 3 ? 1 : 0.02 * random.nextInt(4) + 1e-4;
      double size = Math.exp(2 * random.nextGaussian());
      float[] subspace = subspaces[random.nextInt(2)];
      float[] block = new float[M * n];
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < subspace.length / M; l++) {
          double weight = kind == 3 ? 0 : random.nextGaussian();
          for (int i = 0; i < M; i++) {
            block[i + j * M] += (float) (size * weight * subspace[i + l * M]);
          }
        }
      }
      for (int i = 0; i < block.length; i++) {
        block[i] += (float) (size * noise * random.nextGaussian());
      }
      if (kind == 5 && !blocks.isEmpty()) {
        block = blocks.get(random.nextInt(blocks.size())).clone();
      }
      blocks.add(block);
    }
    return new DataSet(M, blocks);
  }

  private static float[] gaussian(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void neverMoreThanAPlainPartition(
      @ForAll @IntRange(min = 1, max = 14) int count,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll @IntRange(min = 0, max = 3) int limitIndex,
      @ForAll long seed) {
    ErrorLimit limit = new ErrorLimit(new double[] {0.01, 0.05, 0.1, 0.3}[limitIndex], scope);
    Case of = Case.of(LA, blocks(count, seed), limit, precision);
    PartitionSettings settings = Families.settings(of);
    try (Family family = Families.whole(of)) {
      Encoded auto = Encoded.of(of, new AutoStrategy().plan(family, settings));
      assertEquals(0, auto.broken(), "limits");
      assertAtMost(auto, new PlainMethods.Alone().run(of).numbers(), "alone");
      assertAtMost(auto, new PlainMethods.Single().run(of).numbers(), "single");
      for (String name : Strategies.published()) {
        List<RoaringBitmap> partition =
            Strategies.byName(name).orElseThrow().partition(family, settings);
        assertAtMost(auto, of.costs().settled(partition), name + " at its least ranks");
      }
    }
  }

  private static void assertAtMost(Encoded auto, long numbers, String name) {
    assertTrue(
        auto.numbers() <= numbers, () -> auto.numbers() + " numbers, but " + name + " " + numbers);
  }
}
