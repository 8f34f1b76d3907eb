package io.github.colonnade.svd.lost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;
import org.roaringbitmap.RoaringBitmap;

class LostPlanPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  /** Of a number: so many that a bitmap is cheap, since these matrices are small. */
  private static final int BYTES = 32;

  /** A matrix of low rank and noise with some large columns, zero ones and equal ones. */
  private static double[][] matrix(int m, int n, int rank, long seed) {
    Random random = new Random(seed);
    double[][] w =
        Dense.product(Dense.random(m, rank, seed + 1), Dense.random(rank, n, seed + 2), n);
    double noise = Math.pow(10, -random.nextInt(6));
    for (int j = 0; j < n; j++) {
      double size =
          switch (random.nextInt(4)) {
            case 0 -> 10;
            case 1 -> 0;
            default -> noise;
          };
      for (int i = 0; i < m; i++) {
        w[i][j] += size * random.nextGaussian();
      }
      if (j > 0 && random.nextInt(5) == 0) {
        for (double[] row : w) {
          row[j] = row[j - 1];
        }
      }
      if (random.nextInt(8) == 0) {
        for (double[] row : w) {
          row[j] = 0;
        }
      }
    }
    return w;
  }

  private static LostPlan.Energies energies(double[][] w, int n, int vectors) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(LA.fromColumns(Dense.columnByColumn(w, n), w.length, n));
      Matrix u = scope.own(LA.columns(scope.own(LA.leftSvd(a)).vectors(), 0, vectors));
      return LostEnergies.of(LA, a, u);
    }
  }

  @Property(tries = 300)
  void shouldBeTheOptimumOverAllRanksAndSetsOfChannels(
      @ForAll @IntRange(min = 1, max = 7) int m,
      @ForAll @IntRange(min = 1, max = 7) int n,
      @ForAll @IntRange(min = 0, max = 3) int rank,
      @ForAll @IntRange(min = 1, max = 99) int percent,
      @ForAll long seed) {
    double[][] w = matrix(m, n, rank, seed);
    int p = Math.min(m, n);
    double allowed = percent * percent * 1e-4 * Dense.energy(w);

    LostPlan plan = LostPlan.cheapest(energies(w, n, p), p, allowed, BYTES);

    assertTrue(plan.lost() <= allowed);
    long least = Long.MAX_VALUE;
    // Within rounding of the limit either answer is right.
    double strict = allowed * (1 - 1e-12);
    for (int r = 0; r <= p; r++) {
      double[][] residual = Dense.difference(w, Dense.triples(w, n, 0, r));
      double[] losses = Dense.columnEnergies(residual, n);
      for (int set = 0; set < 1 << n; set++) {
        double lost = 0;
        RoaringBitmap channels = new RoaringBitmap();
        for (int i = 0; i < n; i++) {
          if ((set >> i & 1) == 1) {
            channels.add(i);
          } else {
            lost += losses[i];
          }
        }
        int k = channels.getCardinality();
        long bitmap = k == 0 ? 0 : (channels.serializedSizeInBytes() + BYTES - 1) / BYTES;
        if (lost <= strict) {
          least = Math.min(least, (long) r * (m + n - k) + (long) m * k + bitmap);
        }
      }
    }
    assertTrue(plan.numbers() <= least, () -> "numbers of " + plan);
    Statistics.label("some channels, but not all")
        .collect(plan.channels().length > 0 && plan.channels().length < n)
        .coverage(each -> each.check(true).percentage(share -> share > 10));
  }

  @Property(tries = 300)
  void shouldLoseTheNormOfTheColumnsThatAreNotKept(
      @ForAll @IntRange(min = 1, max = 12) int m,
      @ForAll @IntRange(min = 1, max = 12) int n,
      @ForAll @IntRange(min = 0, max = 12) int r,
      @ForAll @IntRange(min = 0, max = 12) int k,
      @ForAll long seed) {
    double[][] w = matrix(m, n, 3, seed);
    int p = Math.min(m, n);
    int rank = Math.min(r, p);
    int count = Math.min(k, n);

    LostPlan plan = LostPlan.fixed(energies(w, n, p), rank, count, BYTES);

    assertEquals(rank, plan.rank());
    assertEquals(count, plan.channels().length);
    double[][] left = Dense.difference(w, Dense.triples(w, n, 0, rank));
    double[] before = Dense.columnEnergies(left, n);
    for (double[] row : left) {
      Arrays.stream(plan.channels()).forEach(i -> row[i] = 0);
    }
    double whole = Math.sqrt(Dense.energy(w));
    assertEquals(Math.sqrt(Dense.energy(left)), Math.sqrt(plan.lost()), 1e-12 * whole);
    // No other choice of so many columns loses less.
    double[] smallest = before.clone();
    Arrays.sort(smallest);
    double least = Arrays.stream(smallest).limit(n - count).sum();
    assertEquals(Math.sqrt(least), Math.sqrt(plan.lost()), 1e-12 * whole);
  }

  @Property(tries = 200)
  void shouldCountWhatTheVectorsDoNotReach(
      @ForAll @IntRange(min = 2, max = 9) int m,
      @ForAll @IntRange(min = 2, max = 9) int n,
      @ForAll @IntRange(min = 0, max = 4) int vectors,
      @ForAll long seed) {
    double[][] w = matrix(m, n, 2, seed);
    int q = Math.min(vectors, Math.min(m, n));

    LostPlan.Energies some = energies(w, n, q);

    double[] expected = Dense.columnEnergies(Dense.difference(w, Dense.triples(w, n, 0, q)), n);
    assertArrayEquals(expected, LostPlan.losses(some, q), 1e-12 * Dense.energy(w));
    double[] all = Dense.columnEnergies(w, n);
    assertArrayEquals(all, LostPlan.losses(some, 0), 1e-12 * Dense.energy(w));
  }

  @Example
  void shouldTellLossesFarBelowTheRoundingOfTheEnergy() {
    // ‖A‖² − ‖QᵀA‖² would say nothing of 1e-30 beside 1.
    LostPlan.Energies energies =
        new LostPlan.Energies(
            4, new double[] {1, 1e-30, 1, 3e-30, 1, 2e-30}, new double[] {1e-33, 0, 0});

    LostPlan plan = LostPlan.fixed(energies, 1, 1, BYTES);

    assertArrayEquals(new int[] {1}, plan.channels());
    assertEquals(3.001e-30, plan.lost(), 1e-42);
    assertEquals(1, LostPlan.cheapest(energies, 2, 6.1e-30, 1).rank());
    assertEquals(2, LostPlan.cheapest(energies, 2, 5.9e-30, 1).rank());
  }

  @Example
  void shouldNotExceedTheLargestRank() {
    double[][] w = Dense.random(6, 30, 3);
    LostPlan.Energies energies = energies(w, 30, 6);

    LostPlan plan = LostPlan.cheapest(energies, 2, 0.25 * Dense.energy(w), BYTES);

    assertTrue(plan.rank() <= 2);
    assertTrue(plan.lost() <= 0.25 * Dense.energy(w));
  }

  @Example
  void shouldKeepEverythingIfNothingMayBeLost() {
    double[][] w = Dense.random(6, 4, 3);
    LostPlan.Energies energies = energies(w, 4, 2);

    LostPlan plan = LostPlan.cheapest(energies, 2, 0, BYTES);

    assertArrayEquals(new int[] {0, 1, 2, 3}, plan.channels());
    assertEquals(0, plan.lost());
  }

  @Example
  void shouldCountBitmapsAsTheyAreStored() {
    int[][] sets = {
      {0},
      {0, 65535},
      {65535, 65536},
      {3, 200_000, 200_001},
      IntStream.range(0, 4096).map(i -> 2 * i).toArray(),
      IntStream.range(0, 4097).map(i -> 2 * i).toArray(),
      IntStream.range(0, 90_000).map(i -> 3 * i).toArray()
    };
    for (int[] set : sets) {
      int bytes = RoaringBitmap.bitmapOf(set).serializedSizeInBytes();
      for (int size : new int[] {1, 2, 4, 8}) {
        assertEquals((bytes + size - 1) / size, LostPlan.bitmapNumbers(set, size));
      }
    }
    assertEquals(0, LostPlan.bitmapNumbers(new int[0], BYTES));
  }

  @Example
  void shouldTakeZeroAndEmptyMatrices() {
    LostPlan zero = LostPlan.cheapest(energies(new double[3][5], 5, 3), 3, 0, BYTES);
    assertEquals(0, zero.rank());
    assertEquals(0, zero.channels().length);
    assertEquals(0, zero.numbers());

    LostPlan empty =
        LostPlan.cheapest(new LostPlan.Energies(3, new double[0], new double[0]), 3, 0, BYTES);
    assertEquals(0, empty.numbers());
  }
}
