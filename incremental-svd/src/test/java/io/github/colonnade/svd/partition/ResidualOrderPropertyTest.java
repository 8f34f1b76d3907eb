package io.github.colonnade.svd.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Blocks come in the order of their exact residuals, whichever of these are ever found. */
class ResidualOrderPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 64;

  /** Enough of single columns for subspaces to be looked for. */
  private static final int COLUMNS = 20 * M;

  /** Columns near subspaces, and what else there may be. */
  private static final class Data {
    final List<double[]> blocks = new ArrayList<>();
    final List<BlockSketch> sketches = new ArrayList<>();

    Data(Random random, int subspaces, int dimension, double noise, Precision precision) {
      double[][][] bases = new double[subspaces][dimension][];
      for (double[][] basis : bases) {
        for (int i = 0; i < dimension; i++) {
          basis[i] = gaussians(random);
        }
      }
      for (int k = 0; k < COLUMNS; k++) {
        double[] column = new double[M];
        if (subspaces > 0) {
          for (double[] direction : bases[k % subspaces]) {
            add(column, random.nextGaussian(), direction);
          }
        }
        add(column, subspaces > 0 ? noise : 1, gaussians(random));
        scale(column, Math.exp(0.7 * random.nextGaussian()));
        blocks.add(column);
      }
      // What there may be besides: equal ones, nothing, a tiny one, and a wide one.
      blocks.add(blocks.get(5).clone());
      blocks.add(new double[M]);
      double[] tiny = blocks.get(6).clone();
      scale(tiny, precision == Precision.FLOAT32 ? 1e-41 : 1e-155);
      blocks.add(tiny);
      double[] wide = new double[3 * M];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = random.nextGaussian();
      }
      blocks.add(random.nextInt(COLUMNS), wide);
      for (double[] each : blocks) {
        try (Matrix doubles = LA.fromColumns(each, M, each.length / M)) {
          Matrix block = LA.cast(doubles, precision);
          sketches.add(
              block.columns() == 1
                  ? new BlockSketch(block, Spectrum.ofKept(new double[] {LA.energy(block)}, 0), 1)
                  : BlockSketch.lossless(LA, block));
        }
      }
    }

    private static double[] gaussians(Random random) {
      return random.doubles(M, -1, 1).toArray();
    }

    private static void add(double[] sum, double factor, double[] values) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += factor * values[i];
      }
    }

    private static void scale(double[] values, double factor) {
      for (int i = 0; i < values.length; i++) {
        values[i] *= factor;
      }
    }

    /** ‖(I − QQᵀ)A‖² in double. */
    double residual(int block, double[] q) {
      double[] all = blocks.get(block);
      double energy = 0;
      for (int from = 0; from < all.length; from += M) {
        double[] rest = Arrays.copyOfRange(all, from, from + M);
        for (int twice = 0; twice < 2; twice++) {
          for (int k = 0; k < q.length; k += M) {
            double inside = 0;
            for (int i = 0; i < M; i++) {
              inside += q[k + i] * rest[i];
            }
            for (int i = 0; i < M; i++) {
              rest[i] -= inside * q[k + i];
            }
          }
        }
        for (double each : rest) {
          energy += each * each;
        }
      }
      return energy;
    }
  }

  @Property(tries = 60)
  void comeByTheirResiduals(
      @ForAll @IntRange(min = 0, max = 8) int subspaces,
      @ForAll @IntRange(min = 1, max = M / 8) int dimension,
      @ForAll Precision precision,
      @ForAll long seed) {
    Random random = new Random(seed);
    Data data = new Data(random, subspaces, dimension, 0.03 * random.nextDouble(), precision);
    try (MatrixScope scope = new MatrixScope();
        Family family = new Family(LA, precision, M, data.sketches)) {
      int[] all = IntStream.range(0, family.size()).toArray();
      try (ResidualOrder order = ResidualOrder.of(family, all)) {
        boolean[] isTaken = new boolean[family.size()];
        for (int turn = 0; turn < 6; turn++) {
          int[] others = Arrays.stream(all).filter(each -> !isTaken[each]).toArray();
          Qr qr = LA.qr(scope.own(LA.concatenate(seed(random, family, others))));
          scope.own(qr.r());
          double[] q = scope.own(qr.q()).toDoubles();
          PrimitiveIterator.OfInt next = order.order(qr.q(), others);
          // Of the last all; of others as many as a pass may take.
          int count = turn == 5 ? others.length : random.nextInt(others.length / 2);
          checkOrder(data, q, next, count, others, precision, isTaken);
          assertEquals(count < others.length, next.hasNext());
        }
      }
    }
  }

  private static List<Matrix> seed(Random random, Family family, int[] others) {
    List<Matrix> seed = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(6); i++) {
      Matrix factor = family.block(others[random.nextInt(others.length)]).factor();
      if (LA.energy(factor) > 0 && !seed.contains(factor)) {
        seed.add(factor);
      }
    }
    return seed.isEmpty() ? List.of(family.block(0).factor()) : seed;
  }

  /** Nobody comes after one of a larger residual, but for rounding, nor is left behind one. */
  private static void checkOrder(
      Data data,
      double[] q,
      PrimitiveIterator.OfInt next,
      int count,
      int[] others,
      Precision precision,
      boolean[] isTaken) {
    double most = 0;
    for (int i = 0; i < count; i++) {
      int block = next.nextInt();
      assertTrue(!isTaken[block], "taken twice: " + block);
      isTaken[block] = true;
      double rounding = rounding(data, block, precision);
      double residual = data.residual(block, q);
      assertTrue(residual + rounding >= most, residual + " of " + block + " after " + most);
      most = Math.max(most, residual - rounding);
    }
    for (int block : others) {
      if (!isTaken[block]) {
        double residual = data.residual(block, q) + rounding(data, block, precision);
        assertTrue(residual >= most, residual + " of " + block + " left behind " + most);
      }
    }
  }

  private static double rounding(Data data, int block, Precision precision) {
    return 32 * precision.unitRoundoff() * data.sketches.get(block).energy();
  }

  @Property(tries = 20)
  void columnsNearSubspacesAreFound(
      @ForAll @IntRange(min = 1, max = 8) int subspaces,
      @ForAll @IntRange(min = 1, max = 4) int dimension,
      @ForAll long seed) {
    Data data = new Data(new Random(seed), subspaces, dimension, 0.02, Precision.FLOAT32);
    try (Family family = new Family(LA, Precision.FLOAT32, M, data.sketches);
        LocalSubspaces found =
            LocalSubspaces.of(family, IntStream.range(0, family.size()).toArray())) {
      int near = 0;
      for (NearColumns group : found.groups()) {
        near += group.blocks().length;
      }
      assertTrue(near >= 0.9 * COLUMNS, near + " of " + COLUMNS);
    }
  }

  @Property(tries = 20)
  void noiseHasNoSubspaces(@ForAll long seed) {
    Data data = new Data(new Random(seed), 0, 1, 0, Precision.FLOAT64);
    try (Family family = new Family(LA, Precision.FLOAT64, M, data.sketches);
        LocalSubspaces found =
            LocalSubspaces.of(family, IntStream.range(0, family.size()).toArray())) {
      assertTrue(found.groups().isEmpty());
    }
  }
}
