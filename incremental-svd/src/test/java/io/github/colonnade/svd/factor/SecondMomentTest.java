package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondMomentTest {

  private static final LinearAlgebra LA = new ReferenceLinearAlgebra();
  private static final int N = 6;

  private static double[] moment(int rank, double[] sizes) {
    Random random = new Random(4);
    double[] h = new double[N * N];
    for (int l = 0; l < rank; l++) {
      double[] x = random.doubles(N, -1, 1).toArray();
      for (int i = 0; i < h.length; i++) {
        h[i] += x[i / N] * x[i % N] * sizes[i / N] * sizes[i % N];
      }
    }
    return h;
  }

  /** F·Fᵀ must be H: with A = I, 2ᵉ·(I·F)·(I·F)ᵀ. */
  private static void assertFactor(double[] h, int from, int to, double[] sizes) {
    int n = to - from;
    double[] identity = new double[n * n];
    for (int j = 0; j < n; j++) {
      identity[j * n + j] = 1;
    }
    try (ColumnWeight weight = SecondMoment.of(LA, h.clone(), N, 1e-4).weight(LA, from, to);
        Matrix a = LA.fromColumns(identity, n, n);
        Matrix f = weight.withExponent(0).times(LA, a).matrix();
        Matrix product = LA.productTransposed(f, f)) {
      double[] found = product.toDoubles();
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          double scale = sizes[from + i] * sizes[from + j];
          assertEquals(h[(from + i) * N + from + j] / scale, found[i + j * n] / scale, 1e-13);
        }
      }
    }
  }

  @Test
  void theFactorIsThatOfEveryPrincipalSubmatrix() {
    double[] sizes = {1, 1e-70, 1e70, 3, 1e5, 1e-20};
    for (int rank : new int[] {1, 3, 6, 12}) {
      double[] h = moment(rank, sizes);
      assertFactor(h, 0, N, sizes);
      assertFactor(h, 2, 5, sizes);
      assertFactor(h, 5, 6, sizes);
    }
  }

  @Test
  void theNearestSemidefiniteMatrixIsTaken() {
    double[] h = {1, 1 + 1e-6, 1 + 1e-6, 1};
    SecondMoment moment = SecondMoment.of(LA, h, 2, 1e-4);
    assertEquals(2 + 1e-6, moment.norm(), 1e-12);
    try (ColumnWeight weight = moment.weight(LA);
        Matrix a = LA.fromColumns(new double[] {1, -1}, 1, 2)) {
      // That direction has a small negative eigenvalue, so nothing is left of it.
      assertTrue(weight.fit(LA, a).isEmpty());
    }
  }

  @Test
  void hugeAndTinyNumbersDoNotLeaveTheRange() {
    double[] roots = {Math.sqrt(1e300), Math.sqrt(1e-300), 0};
    try (ColumnWeight weight = ColumnWeight.diagonal(roots);
        Matrix second = LA.fromColumns(new double[] {0, 0.5, 0.5}, 1, 3)) {
      ColumnWeight.Fit fit = weight.fit(LA, second).orElseThrow();
      try (Matrix product = fit.product().matrix()) {
        assertEquals(
            0.5 * Math.sqrt(1e-300),
            Math.scalb(product.toDoubles()[1], fit.weight().exponent()),
            1e-165);
        assertTrue(LA.energy(product) > 0.05 && LA.energy(product) <= 1);
      }
    }
    try (ColumnWeight weight = ColumnWeight.diagonal(new double[] {0, 1});
        Matrix dead = LA.fromColumns(new double[] {1, 0}, 1, 2)) {
      assertTrue(weight.fit(LA, dead).isEmpty());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|NaN|it has NaN or infinity at (0, 1)",
        "4|-Infinity|it has NaN or infinity at (1, 1)",
        "4|-1|it has -1.0 at (1, 1), but a second moment is not negative",
        "4|0|it is not positive semidefinite: 0.5 at (0, 1) is too large beside its diagonal",
        "3|0.25|it is not symmetric: 0.5 at (0, 1), but 0.25 at (1, 0)",
        "1|5|it is not positive semidefinite: 5.0 at (0, 1) is too large beside its diagonal"
      })
  void whatIsNoSecondMomentIsToldWithItsPlace(int at, double value, String reason) {
    double[] h = {1, 0.5, 0.5, 0.5, 1, 0.5, 0.5, 0.5, 1};
    h[at] = value;
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> SecondMoment.of(LA, h, 3, 1e-4));
    assertEquals(reason, e.getMessage());
  }

  @Test
  void anIndefiniteMatrixIsToldByItsEigenvalue() {
    double[] h = {1, -0.9, -0.9, -0.9, 1, -0.9, -0.9, -0.9, 1};
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> SecondMoment.of(LA, h, 3, 1e-4));
    assertTrue(e.toString().contains("its least eigenvalue is -0.8"), e.toString());
  }
}
