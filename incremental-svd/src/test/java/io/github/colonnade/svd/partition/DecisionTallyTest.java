package io.github.colonnade.svd.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecisionTallyTest {

  private static final LinearAlgebra LA = new ReferenceLinearAlgebra();
  private static final int M = 6;
  private static final int COLUMNS = 2;

  /** In two planes that have nothing to do with each other; by norm those of one come first. */
  private static Family twoPlanes() {
    double[] norms = {10, 1, 1.1, 9, 2, 2.1};
    List<BlockSketch> blocks = new ArrayList<>();
    Random random = new Random(4);
    for (int j = 0; j < norms.length; j++) {
      int first = j < 3 ? 0 : 3;
      double[] values = new double[M * COLUMNS];
      double square = 0;
      for (int i = first; i < first + COLUMNS; i++) {
        for (int c = 0; c < COLUMNS; c++) {
          values[i + c * M] = random.nextGaussian() + (i - first == c ? 2 : 0);
          square += values[i + c * M] * values[i + c * M];
        }
      }
      for (int i = 0; i < values.length; i++) {
        values[i] *= norms[j] / Math.sqrt(square);
      }
      try (Matrix a = LA.fromColumns(values, M, COLUMNS)) {
        blocks.add(BlockSketch.lossless(LA, LA.cast(a, Precision.FLOAT64)));
      }
    }
    return new Family(LA, Precision.FLOAT64, M, blocks);
  }

  private static DecisionTally counted(PartitionStrategy strategy) {
    try (Family family = twoPlanes()) {
      strategy.plan(family, PartitionSettings.published(0.1, COLUMNS));
      return family.decisions();
    }
  }

  /** Two are taken, then one is refused; with what is left, two are taken. */
  @Test
  void publishedStrategiesCountByTheirBound() {
    DecisionTally incremental = counted(Strategies.byName("incremental-norm").orElseThrow());
    assertEquals(4, incremental.counted(Proof.INCREMENTAL, Decision.ACCEPT));
    assertEquals(1, incremental.counted(Proof.INCREMENTAL, Decision.REJECT));
    assertEquals(0, incremental.counted(Proof.INCREMENTAL, Decision.UNDECIDED));
    assertEquals(2, incremental.timed(Proof.INCREMENTAL));
    assertTrue(incremental.nanos(Proof.INCREMENTAL) > 0);
    assertEquals(0, incremental.counted(Proof.RESIDUAL, Decision.ACCEPT));

    // It has no lower side, so what is not accepted is not refused for good. The smallest block of
    // the first plane adds a hundredth of the energy, and nothing outside of the span.
    DecisionTally residual = counted(Strategies.byName("residual-norm").orElseThrow());
    assertEquals(1, residual.counted(Proof.RESIDUAL, Decision.ACCEPT));
    assertEquals(0, residual.counted(Proof.RESIDUAL, Decision.REJECT));
    assertTrue(residual.counted(Proof.RESIDUAL, Decision.UNDECIDED) > 0);
  }

  @Test
  void theDefaultStrategyProjectsAndDecomposes() {
    DecisionTally tally = counted(new AutoStrategy());
    for (Proof bound : new Proof[] {Proof.PROJECTION, Proof.EXACT}) {
      assertTrue(tally.counted(bound, Decision.ACCEPT) > 0, bound.label());
      assertTrue(tally.nanos(bound) > 0, bound.label());
    }
  }
}
