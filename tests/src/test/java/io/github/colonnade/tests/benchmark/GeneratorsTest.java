package io.github.colonnade.tests.benchmark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.tests.benchmark.SubspaceData.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

class GeneratorsTest {

  private static final Shape SHARED = new Shape(64, 12, 3, 8, 5, 0, 0, 0.05);

  /**
   * @param make the data of a seed
   * @param columns of each block
   */
  private record Generator(String name, LongFunction<DataSet> make, int rows, int columns) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Generator> generators() {
    return List.of(
        new Generator("subspaces", seed -> SubspaceData.of(SHARED, seed), 64, 12),
        new Generator("channels", seed -> ChannelData.of(2, 5, seed), 128, 64),
        new Generator("advection", seed -> AdvectionData.of(6, seed), 500, 20),
        new Generator("speckle", seed -> SpeckleData.of(6, seed), 160, 20));
  }

  @ParameterizedTest
  @MethodSource("generators")
  void theSeedDecidesEverything(Generator generator) {
    List<float[]> once = generator.make.apply(7).blocks();
    List<float[]> again = generator.make.apply(7).blocks();
    List<float[]> other = generator.make.apply(8).blocks();
    for (int j = 0; j < once.size(); j++) {
      assertArrayEquals(once.get(j), again.get(j), "block " + j);
      assertFalse(Arrays.equals(once.get(j), other.get(j)), "another seed gives block " + j);
    }
  }

  @ParameterizedTest
  @MethodSource("generators")
  void everyBlockHasItsShapeAndFiniteNumbers(Generator generator) {
    DataSet data = generator.make.apply(1);
    assertEquals(generator.rows, data.rows());
    for (int j = 0; j < data.size(); j++) {
      assertEquals(generator.columns, data.columns(j));
      double energy = 0;
      for (float x : data.blocks().get(j)) {
        energy += (double) x * x;
      }
      assertTrue(Double.isFinite(energy) && energy > 0, "energy " + energy + " of block " + j);
    }
  }

  @Test
  void blocksOfOneSubspaceNeedItsDimension() {
    DataSet data = SubspaceData.of(SHARED, 3);
    RoaringBitmap family = RoaringBitmap.bitmapOf(IntStream.range(0, 8).map(i -> 3 * i).toArray());
    assertEquals(5, costs(data, 0.1).leastRank(family));
    family.add(1);
    assertTrue(costs(data, 0.1).leastRank(family) > 5, "with a block of another subspace");
  }

  @Test
  void privateDirectionsAreNotShared() {
    DataSet data = SubspaceData.of(new Shape(64, 12, 1, 8, 5, 2, 0.1, 0.01), 3);
    assertTrue(costs(data, 0.1).leastRank(RoaringBitmap.bitmapOfRange(0, 8)) > 5 + 2);
  }

  @Test
  void advectionNeedsTwoDirectionsForEachWave() {
    DataSet data = AdvectionData.of(40, 4);
    RoaringBitmap all = RoaringBitmap.bitmapOfRange(0, 40);
    assertEquals(16, costs(data, 1e-6).leastRank(all));
    assertTrue(costs(data, 0.05).leastRank(all) <= 6);
  }

  @Test
  void channelsOfOneSiteShareTheirPaths() {
    DataSet data = ChannelData.of(2, 6, 5);
    RoaringBitmap site = RoaringBitmap.bitmapOf(0, 2, 4, 6, 8, 10);
    RoaringBitmap mixed = RoaringBitmap.bitmapOfRange(0, 6);
    ExactCosts costs = costs(data, 0.1);
    assertTrue(costs.leastRank(site) < costs.leastRank(mixed));
  }

  @Test
  void headsAreCutFromTheSideThatAHeadHasToItself() {
    DataSet heads = MiniLm.heads();
    assertEquals(6 * 4 * 12, heads.size());
    assertEquals(List.of(384, 32), List.of(heads.rows(), heads.columns(0)));
    assertEquals(12, MiniLm.feedForward().size());
    assertEquals(1536, MiniLm.feedForward().columns(11));
    DataSet slices = MiniLm.embeddingSlices();
    assertEquals(477, slices.size());
    assertEquals(30_522L * 384, slices.numbers());
    // Words, positions, token types, the pooler, 24 attention and 12 feed-forward matrices.
    int all = 30_522 + 512 + 2 + 25 * 384 + 12 * 1536;
    assertEquals(all, MiniLm.columns(1).size());
    assertEquals(Math.round(0.01 * all), MiniLm.columns(0.01).size());
  }

  private static ExactCosts costs(DataSet data, double limit) {
    return new ExactCosts(new Nd4jLinearAlgebra(), data, new ErrorLimit(limit, Scope.CLUSTER));
  }
}
