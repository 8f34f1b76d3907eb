package io.github.colonnade.svd.lost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class LostInitializerReferenceTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  private static LostSettings settings(int rank, double sparsity, ChannelRule rule) {
    return new LostSettings(rank, sparsity, rule, OptionalInt.empty(), 7);
  }

  private static Matrix matrix(double[][] w, int in) {
    return LA.fromColumns(Dense.columnByColumn(w, in), w.length, in);
  }

  private static LostFactors factors(double[][] w, int in, LostSettings settings) {
    try (Matrix matrix = matrix(w, in)) {
      return new LostInitializer(LA).initialize(matrix, settings);
    }
  }

  private static double[][] array(Matrix a) {
    return Dense.ofColumns(a.toDoubles(), a.rows(), a.columns());
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "6,6,2", "5,9,3", "9,5,5", "1,7,1", "7,1,1", "12,40,4", "40,12,4"})
  void shouldBalanceTheBestApproximationOfTheRank(int out, int in, int rank) {
    double[][] w = Dense.random(out, in, 31L * out + in);
    double[] values = Dense.singularValues(w, in);

    try (LostFactors factors = factors(w, in, settings(rank, 0.2, ChannelRule.COMPLEMENT_L2))) {
      double[][] b = array(factors.b());
      double[][] a = array(factors.a());
      double scale = 1e-12 * values[0];
      assertEquals(
          0,
          Math.sqrt(
              Dense.energy(
                  Dense.difference(Dense.product(b, a, in), Dense.triples(w, in, 0, rank)))),
          scale);
      double[][] ofB = Dense.product(Dense.transposed(b, rank), b, rank);
      double[][] ofA = Dense.product(a, Dense.transposed(a, in), rank);
      for (int i = 0; i < rank; i++) {
        for (int j = 0; j < rank; j++) {
          assertEquals(i == j ? values[i] : 0, ofB[i][j], scale);
          assertEquals(i == j ? values[i] : 0, ofA[i][j], scale);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ChannelRule.class)
  void shouldKeepColumnsOfTheMatrixItself(ChannelRule rule) {
    double[][] w = Dense.random(6, 11, 5);

    try (LostFactors factors = factors(w, 11, settings(2, 0.4, rule))) {
      int[] channels = factors.channelNumbers();
      assertEquals(4, channels.length);
      double[][] columns = array(factors.columns());
      for (int i = 0; i < 6; i++) {
        for (int j = 0; j < channels.length; j++) {
          assertEquals(w[i][channels[j]], columns[i][j]);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "complement-l2, 0, 2, 6",
    "complement-l2, 1, 2, 3",
    "complement-l2, 3, 2, 5",
    "complement-l2, 100, 2, 6",
    "complement-l1, 0, 2, 6",
    "complement-l1, 2, 2, 4",
    "smallest, 0, 4, 6",
    "smallest, 1, 5, 6",
    "smallest, 100, 0, 6",
    "weight-l2, 0, 0, 6"
  })
  void shouldChooseTheChannelsWithTheLargestValue(String name, int complement, int from, int to) {
    ChannelRule rule =
        Arrays.stream(ChannelRule.values())
            .filter(each -> each.toString().equals(name))
            .findFirst()
            .orElseThrow();
    for (long seed = 1; seed <= 20; seed++) {
      double[][] w = Dense.random(6, 15, seed);
      double[][] seen = Dense.triples(w, 15, from, to);
      double[] values = new double[15];
      for (double[] row : seen) {
        for (int j = 0; j < 15; j++) {
          values[j] += rule == ChannelRule.COMPLEMENT_L1 ? Math.abs(row[j]) : row[j] * row[j];
        }
      }
      int[] expected =
          IntStream.range(0, 15)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer j) -> -values[j]))
              .limit(5)
              .sorted()
              .mapToInt(Integer::intValue)
              .toArray();
      OptionalInt complementRank =
          complement == 0 ? OptionalInt.empty() : OptionalInt.of(complement);

      try (LostFactors factors =
          factors(w, 15, new LostSettings(2, 0.34, rule, complementRank, 0))) {
        assertArrayEquals(expected, factors.channelNumbers(), () -> "seed of " + rule);
      }
    }
  }

  @Test
  void shouldBreakTiesByNumber() {
    // All columns have the same norm, in the matrix and in every part of it.
    double[][] w = new double[4][6];
    for (double[] row : w) {
      Arrays.fill(row, 0.5);
    }

    try (LostFactors factors = factors(w, 6, settings(1, 0.5, ChannelRule.WEIGHT_L2))) {
      assertArrayEquals(new int[] {0, 1, 2}, factors.channelNumbers());
    }
    // The complement of a matrix of rank 1 is nothing but rounding, which must not decide.
    try (LostFactors factors = factors(w, 6, settings(1, 0.5, ChannelRule.COMPLEMENT_L2))) {
      assertArrayEquals(new int[] {0, 1, 2}, factors.channelNumbers());
    }
    assertArrayEquals(new int[] {1, 2, 4}, LostPlan.largest(new double[] {1, 5, 3, 1, 3, 3}, 3));
  }

  @Test
  void shouldChooseRandomChannelsBySeed() {
    double[][] w = Dense.random(4, 200, 1);
    int[] counts = new int[200];
    for (long seed = 0; seed < 400; seed++) {
      LostSettings random =
          new LostSettings(1, 0.25, ChannelRule.RANDOM, OptionalInt.empty(), seed);
      try (LostFactors factors = factors(w, 200, random);
          LostFactors again = factors(w, 200, random)) {
        assertArrayEquals(factors.channelNumbers(), again.channelNumbers());
        assertEquals(50, factors.channelNumbers().length);
        Arrays.stream(factors.channelNumbers()).forEach(each -> counts[each]++);
      }
    }
    // Each is drawn 100 times of 400 on average, with a deviation below 9.
    assertTrue(Arrays.stream(counts).allMatch(each -> each > 50 && each < 150));
  }

  @Test
  void shouldKeepOneChannelAtLeastAndAllAtMost() {
    double[][] w = Dense.random(3, 8, 1);

    for (double sparsity : List.of(0.0, 0.01, 0.124)) {
      try (LostFactors factors = factors(w, 8, settings(1, sparsity, ChannelRule.WEIGHT_L2))) {
        assertEquals(1, factors.channelNumbers().length);
      }
    }
    try (LostFactors factors = factors(w, 8, settings(1, 1, ChannelRule.COMPLEMENT_L1))) {
      assertArrayEquals(IntStream.range(0, 8).toArray(), factors.channelNumbers());
    }
  }

  @ParameterizedTest
  @EnumSource(ChannelRule.class)
  void shouldTakeWholeRankAndZeros(ChannelRule rule) {
    double[][] whole = Dense.random(3, 5, 2);
    try (LostFactors factors = factors(whole, 5, settings(3, 0.3, rule))) {
      double[][] product = Dense.product(array(factors.b()), array(factors.a()), 5);
      assertEquals(0, Dense.energy(Dense.difference(whole, product)), 1e-25);
    }
    try (LostFactors factors = factors(new double[3][5], 5, settings(2, 0.3, rule))) {
      assertEquals(0, Dense.energy(array(factors.b())));
      assertEquals(0, Dense.energy(array(factors.a())));
      assertEquals(1, factors.channelNumbers().length);
    }
  }

  @Test
  void shouldTakeDeficientRank() {
    // Rank 2, asked for 4: the other directions are zero, not noise.
    double[][] w = Dense.product(Dense.random(7, 2, 3), Dense.random(2, 9, 4), 9);

    try (LostFactors factors = factors(w, 9, settings(4, 0.3, ChannelRule.COMPLEMENT_L2))) {
      double[][] b = array(factors.b());
      assertEquals(
          0, Dense.energy(Dense.difference(w, Dense.product(b, array(factors.a()), 9))), 1e-24);
      double[] ofDirections = Dense.columnEnergies(b, 4);
      assertTrue(ofDirections[1] > 0);
      assertEquals(0, ofDirections[2]);
      assertEquals(0, ofDirections[3]);
      assertArrayEquals(new int[] {0, 1}, factors.channelNumbers());
    }
  }

  @ParameterizedTest
  @CsvSource({"1e300", "1e-300", "1e-320"})
  void shouldTakeNumbersOfAnySize(double size) {
    double[][] unit = Dense.random(4, 6, 8);
    double[][] w = new double[4][6];
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 6; j++) {
        w[i][j] = unit[i][j] * size;
      }
    }

    try (LostFactors factors = factors(w, 6, settings(4, 0.3, ChannelRule.COMPLEMENT_L2))) {
      double[][] b = array(factors.b());
      double[][] a = array(factors.a());
      double[][] product = new double[4][6];
      for (int l = 0; l < 4; l++) {
        for (int i = 0; i < 4; i++) {
          for (int j = 0; j < 6; j++) {
            product[i][j] += b[i][l] * (a[l][j] / size);
          }
        }
      }
      double tolerance = size < 1e-310 ? 0.01 : 1e-13;
      for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 6; j++) {
          assertEquals(w[i][j] / size, product[i][j], tolerance);
        }
      }
    }
  }

  @Test
  void shouldNotDependOnTheSignsOfADecomposition() {
    double[][] w = Dense.random(6, 9, 12);
    ReferenceLinearAlgebra reference = new ReferenceLinearAlgebra();
    LostSettings settings = settings(4, 0.4, ChannelRule.COMPLEMENT_L2);

    try (LostFactors factors = factors(w, 9, settings);
        LostFactors other =
            new LostInitializer(reference)
                .initialize(reference.fromColumns(Dense.columnByColumn(w, 9), 6, 9), settings)) {
      assertArrayEquals(other.b().toDoubles(), factors.b().toDoubles(), 1e-12);
      assertArrayEquals(other.a().toDoubles(), factors.a().toDoubles(), 1e-12);
      assertArrayEquals(other.channelNumbers(), factors.channelNumbers());
    }
  }

  @Test
  void shouldRefuseWhatHasNoMeaning() {
    double[][] w = Dense.random(3, 5, 1);
    w[1][2] = Double.NaN;
    LostSettings settings = settings(2, 0.5, ChannelRule.WEIGHT_L2);
    refused("the matrix has NaN or infinity", () -> factors(w, 5, settings));
    refused(
        "rank 4 > min(out, in) = 3",
        () -> factors(new double[3][5], 5, settings(4, 0.5, ChannelRule.WEIGHT_L2)));
    refused("rank 2 > min(out, in) = 0", () -> factors(new double[0][5], 5, settings));
    refused("rank 2 > min(out, in) = 0", () -> factors(new double[3][0], 0, settings));
    refused("rank 0 is below 1", () -> settings(0, 0.5, ChannelRule.WEIGHT_L2));
    for (double sparsity : new double[] {-0.1, 1.1, Double.NaN}) {
      refused(
          "sparsity " + sparsity + " is not in [0, 1]",
          () -> settings(1, sparsity, ChannelRule.WEIGHT_L2));
    }
    refused(
        "complement rank 0 is below 1",
        () -> new LostSettings(1, 0.5, ChannelRule.SMALLEST, OptionalInt.of(0), 0));
    assertFalse(settings.complementRank().isPresent());
  }

  private static void refused(String message, org.junit.jupiter.api.function.Executable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
  }
}
