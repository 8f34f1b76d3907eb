package io.github.colonnade.svd.auto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class JointBasisPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 260;

  /** Blocks of a common subspace, with white noise. */
  private static List<BlockSketch> blocks(
      int count, int columns, int rank, double noise, Precision precision, long seed) {
    Random random = new Random(seed);
    double[] basis = random.doubles((long) M * rank, -1, 1).toArray();
    List<BlockSketch> blocks = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      double[] block = new double[M * columns];
      for (int j = 0; j < columns; j++) {
        for (int i = 0; i < M; i++) {
          block[i + j * M] = noise * random.nextGaussian();
        }
        for (int l = 0; l < rank; l++) {
          double weight = random.nextGaussian();
          for (int i = 0; i < M; i++) {
            block[i + j * M] += weight * basis[i + l * M];
          }
        }
      }
      try (Matrix exact = LA.fromColumns(block, M, columns)) {
        blocks.add(BlockSketch.lossless(LA, LA.cast(exact, precision)));
      }
    }
    return blocks;
  }

  /**
   * What a basis says of blocks is what a product with its vectors says. Of few blocks it is known
   * from the eigenvectors, or the vectors of a subspace, on the other side.
   */
  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void itKnowsWhatBlocksHaveAlongItsVectors(
      @ForAll @IntRange(min = 2, max = 14) int count,
      @ForAll @IntRange(min = 1, max = 24) int columns,
      @ForAll @IntRange(min = 1, max = 12) int rank,
      @ForAll @DoubleRange(min = 0, max = 0.3) double noise,
      @ForAll @DoubleRange(min = 0.01, max = 0.5) double limit,
      @ForAll Precision precision,
      @ForAll long seed) {
    List<BlockSketch> sketches = blocks(count, columns, rank, noise, precision, seed);
    PartitionSettings settings = PartitionSettings.of(new ErrorLimit(limit, Scope.BLOCK), rank, M);
    try (Family family = new Family(LA, precision, M, sketches)) {
      Blocks blocks = new Blocks(family, settings);
      int[] members = IntStream.range(0, count).toArray();
      try (JointBasis basis = new JointBasis(blocks, members);
          Batches batches = new Batches(blocks, members)) {
        Map<Integer, double[]> known = new HashMap<>();
        Map<Integer, Double> outside = new HashMap<>();
        basis.project(
            (j, rows, left) -> {
              known.put(j, rows.clone());
              outside.put(j, left);
            });

        assertEquals(count, known.size());
        assertTrue(basis.size() > 0);
        assertEquals(basis.size(), basis.vectors().columns());
        batches.project(
            basis.vectors(),
            (j, rows, left) -> {
              double rounding = 1e-5 * blocks.energies[j];
              assertArrayEquals(rows, known.getOrDefault(j, new double[0]), rounding);
              assertEquals(left, outside.getOrDefault(j, -1.0), rounding);
            });
      }
    }
  }
}
