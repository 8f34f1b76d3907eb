package io.github.colonnade.svd.lost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.roaringbitmap.RoaringBitmap;

class LostLayerReferenceTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  private final double[][] b = Dense.random(5, 3, 1);
  private final double[][] a = Dense.random(3, 7, 2);
  private final double[][] s = Dense.random(5, 2, 3);

  private static Matrix matrix(double[][] values, int columns, Precision precision) {
    try (Matrix exact =
        LA.fromColumns(Dense.columnByColumn(values, columns), values.length, columns)) {
      return LA.cast(exact, precision);
    }
  }

  private LostFactors factors(Precision precision, int... channels) {
    return new LostFactors(
        matrix(b, 3, precision),
        matrix(a, 7, precision),
        matrix(s, 2, precision),
        RoaringBitmap.bitmapOf(channels));
  }

  @ParameterizedTest
  @CsvSource({
    "0.7, NONE, FLOAT64, 4",
    "0.7, SILU, FLOAT64, 4",
    "0, SILU, FLOAT64, 1",
    "1, SILU, FLOAT64, 1",
    "0.7, SILU, FLOAT32, 4",
    "0.7, SILU, FLOAT64, 0"
  })
  void shouldAddBothParts(double gamma, Activation activation, Precision precision, int batch) {
    double[][] x = Dense.random(7, batch, 4);
    double[][] expected = new double[5][batch];
    double[][] z = Dense.product(a, x, batch);
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < batch; j++) {
        for (int l = 0; l < 3; l++) {
          double hidden = z[l][j];
          if (activation == Activation.SILU) {
            hidden = hidden / (1 + Math.exp(-hidden));
          }
          expected[i][j] += gamma * b[i][l] * hidden;
        }
        expected[i][j] += (1 - gamma) * (s[i][0] * x[2][j] + s[i][1] * x[5][j]);
      }
    }

    try (MatrixScope scope = new MatrixScope();
        LostLayer layer = new LostLayer(factors(precision, 5, 2), gamma, activation)) {
      Matrix y = scope.own(layer.forward(LA, scope.own(matrix(x, batch, precision))));

      assertEquals(precision, y.precision());
      assertEquals(5, y.rows());
      assertEquals(batch, y.columns());
      double[] found = y.toDoubles();
      for (int i = 0; i < 5; i++) {
        for (int j = 0; j < batch; j++) {
          assertEquals(
              expected[i][j], found[i + 5 * j], precision == Precision.FLOAT64 ? 1e-13 : 1e-5);
        }
      }
    }
  }

  @Test
  void shouldBeDenseAsTheSumOfBothParts() {
    double[][] expected = Dense.product(b, a, 7);
    for (int i = 0; i < 5; i++) {
      expected[i][2] += s[i][0];
      expected[i][5] += s[i][1];
    }

    try (LostFactors factors = factors(Precision.FLOAT64, 2, 5);
        Matrix dense = factors.dense(LA)) {
      double[][] found = Dense.ofColumns(dense.toDoubles(), 5, 7);
      assertEquals(0, Dense.energy(Dense.difference(expected, found)), 1e-26);
    }
  }

  @Test
  void shouldHoldNoChannelsAtAll() {
    try (LostFactors factors =
            new LostFactors(
                matrix(b, 3, Precision.FLOAT64),
                matrix(a, 7, Precision.FLOAT64),
                LA.zeros(5, 0, Precision.FLOAT64),
                new RoaringBitmap());
        Matrix dense = factors.dense(LA)) {
      double[][] found = Dense.ofColumns(dense.toDoubles(), 5, 7);
      assertEquals(0, Dense.energy(Dense.difference(Dense.product(b, a, 7), found)), 1e-26);
    }
  }

  @Test
  void shouldNotBeChangedThroughTheChannelsGivenOrGot() {
    RoaringBitmap channels = RoaringBitmap.bitmapOf(2, 5);
    try (LostFactors factors =
        new LostFactors(
            matrix(b, 3, Precision.FLOAT64),
            matrix(a, 7, Precision.FLOAT64),
            matrix(s, 2, Precision.FLOAT64),
            channels)) {
      channels.add(6);
      factors.channels().add(6);

      assertEquals(RoaringBitmap.bitmapOf(2, 5), factors.channels());
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    refused("channel 7 is not one of 7, counted from 0", () -> factors(Precision.FLOAT64, 2, 7));
    refused(
        "channel 4294967295 is not one of 7, counted from 0",
        () -> factors(Precision.FLOAT64, 2, -1));
    refused("the sparse columns are 5×2, expected 5×1", () -> factors(Precision.FLOAT64, 2));
    refused(
        "B has 3 columns, A has 5 rows",
        () ->
            new LostFactors(
                matrix(b, 3, Precision.FLOAT64),
                matrix(b, 3, Precision.FLOAT64),
                matrix(s, 2, Precision.FLOAT64),
                RoaringBitmap.bitmapOf(0, 1)));
    refused(
        "B, A and the sparse columns differ in precision",
        () ->
            new LostFactors(
                matrix(b, 3, Precision.FLOAT64),
                matrix(a, 7, Precision.FLOAT32),
                matrix(s, 2, Precision.FLOAT64),
                RoaringBitmap.bitmapOf(0, 1)));
    refused(
        "gamma 1.5 is not in [0, 1]",
        () -> new LostLayer(factors(Precision.FLOAT64, 1, 2), 1.5, Activation.NONE));
    try (LostLayer layer = new LostLayer(factors(Precision.FLOAT64, 1, 2), 0.5, Activation.NONE);
        Matrix x = LA.zeros(6, 1, Precision.FLOAT64)) {
      refused("the inputs have 6 rows, the layer has 7 channels", () -> layer.forward(LA, x));
    }
  }

  private static void refused(String message, org.junit.jupiter.api.function.Executable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
  }
}
