package io.github.colonnade.svd.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What estimators put off must not change what they say. */
class EstimatorsPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 14;

  /** Rounding of float32 may tip a decision that is as close to the limit as this. */
  private static final double CLOSE = 1e-5;

  private static List<BlockSketch> blocks(
      Random random, int count, int widest, Precision precision, MatrixScope scope) {
    double[] shared = random.doubles(M * 3, -1, 1).toArray();
    List<BlockSketch> blocks = new ArrayList<>();
    for (int b = 0; b < count; b++) {
      int n = 1 + random.nextInt(widest);
      double size = b == 0 ? 4 : Math.exp(random.nextGaussian());
      double[] values = new double[M * n];
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < 3; l++) {
          double weight = size * random.nextGaussian();
          for (int i = 0; i < M; i++) {
            values[i + j * M] += weight * shared[i + l * M];
          }
        }
        for (int i = 0; i < M; i++) {
          values[i + j * M] += 0.3 * size * random.nextGaussian();
        }
      }
      try (Matrix doubles = LA.fromColumns(values, M, n)) {
        blocks.add(BlockSketch.lossless(LA, scope.own(LA.cast(doubles, precision))));
      }
    }
    return blocks;
  }

  @Property(tries = 150)
  void incrementalDecidesAsIfEachBlockWereAppendedAtOnce(
      @ForAll @IntRange(min = 2, max = 8) int rank,
      @ForAll @IntRange(min = 1, max = 3) int widest,
      @ForAll @IntRange(min = 0, max = 3) int oversampling,
      @ForAll Precision precision,
      @ForAll long seed) {
    Random random = new Random(seed);
    double limit = 0.05 + 0.5 * random.nextDouble();
    try (MatrixScope scope = new MatrixScope();
        ClusterEstimator offered = new IncrementalEstimator(LA, precision, M, rank, oversampling);
        ClusterEstimator extended =
            new IncrementalEstimator(LA, precision, M, rank, oversampling)) {
      List<BlockSketch> blocks = blocks(random, 12, Math.min(widest, rank), precision, scope);
      Sketcher sketcher = new Sketcher(LA, precision, Math.min(M, rank + oversampling));
      Sketch sketch = Estimators.sketchOf(sketcher, LA, blocks.subList(0, 1));
      offered.start(blocks.subList(0, 1));
      extended.start(blocks.subList(0, 1));
      for (BlockSketch block : blocks.subList(1, blocks.size())) {
        try (Sketch before = sketch) {
          sketch =
              sketcher.append(
                  before, block.factor(), block.spectrum().droppedEnergy(), block.columns());
        }
        double error = sketch.spectrum().error(rank);
        extended.extend(block);
        boolean isClose = Math.abs(error - limit) < CLOSE;
        Decision decision = offered.offer(block, limit);
        assertTrue(isClose || (error <= limit) == (decision == Decision.ACCEPT), "" + error);
        if (decision != Decision.ACCEPT || isClose) {
          break;
        }
      }
      assertEquals(sketch.spectrum().error(rank), extended.interval().upper(), 1e-9);
      sketch.close();
    }
  }

  @Property(tries = 150)
  void residualNeverLiesBelowTheErrorWhateverWaits(
      @ForAll @IntRange(min = 1, max = 6) int rank,
      @ForAll @IntRange(min = 1, max = 5) int widest,
      @ForAll Precision precision,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (MatrixScope scope = new MatrixScope();
        ClusterEstimator estimator = new ResidualEstimator(LA, precision, M, rank)) {
      List<BlockSketch> blocks = blocks(random, 10, widest, precision, scope);
      estimator.start(blocks.subList(0, 1));
      for (int count = 2; count <= blocks.size(); count++) {
        estimator.extend(blocks.get(count - 1));
        double exact = error(blocks.subList(0, count), rank);
        double upper = estimator.interval().upper();
        // A difference of energies, which carries their rounding.
        double rounding = precision == Precision.FLOAT32 ? 2e-6 : 1e-12;
        assertTrue(upper * upper >= exact * exact - rounding, "an upper bound");
        double pooled = pooledError(blocks.subList(0, count), rank);
        assertEquals(pooled * pooled, upper * upper, rounding, "the published estimate");
      }
    }
  }

  @Property(tries = 50)
  void weylIsTheSeedsLeadingEnergy(
      @ForAll @IntRange(min = 1, max = 6) int rank,
      @ForAll @IntRange(min = 1, max = 5) int widest,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (MatrixScope scope = new MatrixScope();
        ClusterEstimator estimator = new WeylEstimator(LA, Precision.FLOAT64, M, rank)) {
      List<BlockSketch> blocks = blocks(random, 6, widest, Precision.FLOAT64, scope);
      int seeds = blocks.get(0).columns() + blocks.get(1).columns() <= rank ? 2 : 1;
      estimator.start(blocks.subList(0, seeds));
      double[] leading = squares(blocks.subList(0, seeds));
      double energy = Estimators.energy(blocks.subList(0, seeds));
      for (BlockSketch block : blocks.subList(seeds, blocks.size())) {
        estimator.extend(block);
        energy += block.energy();
        double captured = 0;
        for (int i = 0; i < Math.min(rank, leading.length); i++) {
          captured += leading[i];
        }
        ErrorInterval interval = estimator.interval();
        assertEquals(Math.sqrt(Math.max(0, energy - captured) / energy), interval.upper(), 1e-7);
      }
    }
  }

  private static double[] squares(List<BlockSketch> blocks) {
    try (Matrix all = LA.concatenate(Estimators.factors(blocks));
        Matrix doubles = LA.cast(all, Precision.FLOAT64)) {
      LeftSvd svd = LA.leftSvd(doubles);
      svd.vectors().close();
      double[] squares = svd.values();
      for (int i = 0; i < squares.length; i++) {
        squares[i] *= squares[i];
      }
      return squares;
    }
  }

  private static double error(List<BlockSketch> blocks, int rank) {
    double tail = 0;
    double energy = 0;
    double[] squares = squares(blocks);
    for (int i = squares.length - 1; i >= 0; i--) {
      energy += squares[i];
      tail += i >= rank ? squares[i] : 0;
    }
    return Math.sqrt(tail / energy);
  }

  /** By complements of all earlier columns, in double. */
  private static double pooledError(List<BlockSketch> blocks, int rank) {
    List<Double> pool = new ArrayList<>();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix span = scope.own(LA.zeros(M, 0, Precision.FLOAT64));
      for (BlockSketch block : blocks) {
        Matrix factor = scope.own(LA.cast(block.factor(), Precision.FLOAT64));
        LeftSvd svd =
            scope.own(LA.leftSvd(scope.own(Estimators.residual(LA, List.of(span), factor))));
        int count = 0;
        while (count < Math.min(svd.values().length, M - span.columns())
            && svd.values()[count] > 1e-6) {
          pool.add(svd.values()[count] * svd.values()[count]);
          count++;
        }
        Matrix directions = scope.own(LA.columns(svd.vectors(), 0, count));
        span = scope.own(LA.concatenate(List.of(span, directions)));
      }
    }
    double captured =
        pool.stream().sorted((x, y) -> Double.compare(y, x)).limit(rank).mapToDouble(x -> x).sum();
    double energy = Estimators.energy(blocks);
    return Math.sqrt(Math.max(0, energy - captured) / energy);
  }
}
