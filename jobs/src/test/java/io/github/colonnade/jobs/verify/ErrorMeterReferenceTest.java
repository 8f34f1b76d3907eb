package io.github.colonnade.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorMeterReferenceTest {
  private final LinearAlgebra la = new Nd4jLinearAlgebra();

  /** The error of 2ᵉA is that of A, whatever e is, wherever the scale is kept. */
  @ParameterizedTest
  @CsvSource({"0, 0", "0, 100", "660, 0", "1010, 1000", "-660, -660", "-1000, -1000", "-940, 50"})
  void measuresAtEveryScale(int exponent, int scaleExponent) {
    int m = 7;
    int n = 5;
    int r = 2;
    Random random = new Random(3);
    double[] u = random.doubles((long) m * r, -1, 1).toArray();
    double[] c = random.doubles((long) r * n, -1, 1).toArray();
    double[] a = random.doubles((long) m * n, -1, 1).toArray();
    double lost = 0;
    double energy = 0;
    double max = 0;
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        double sum = 0;
        for (int k = 0; k < r; k++) {
          sum += u[i + k * m] * c[k + j * r];
        }
        lost += (a[i + j * m] - sum) * (a[i + j * m] - sum);
        energy += a[i + j * m] * a[i + j * m];
        max = Math.max(max, Math.abs(a[i + j * m]));
      }
    }
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.scalb(a[i], exponent);
    }
    for (int i = 0; i < c.length; i++) {
      c[i] = Math.scalb(c[i], exponent - scaleExponent);
    }
    try (Matrix basis = la.fromColumns(u, m, r)) {
      ErrorMeter.Energies measured =
          new ErrorMeter(la)
              .measure(
                  a,
                  Math.scalb(max, exponent),
                  basis,
                  c,
                  Math.scalb(1.0, scaleExponent),
                  Optional.empty());

      assertEquals(Math.sqrt(lost / energy), measured.error(), 1e-14);
      assertEquals(
          energy,
          Math.scalb(measured.energy().value(), 2 * (measured.energy().exponent() - exponent)),
          1e-13 * energy);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0", "1.5, 0", "2, 1", "0.75, -1", "4.9e-324, -1074", "0, 0", "1e300, 996"})
  void takesTheExponentOfEveryNumber(double x, int expected) {
    assertEquals(expected, ErrorMeter.exponent(x));
  }
}
