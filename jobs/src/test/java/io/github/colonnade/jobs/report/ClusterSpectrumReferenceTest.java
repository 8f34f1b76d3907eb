package io.github.colonnade.jobs.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of lower ranks, beside the exact errors of dense matrices. */
class ClusterSpectrumReferenceTest {
  private static final int M = 9;
  private static final int N = 14;

  private final LinearAlgebra la = new ReferenceLinearAlgebra();

  private double[] spectrum(double[] a) {
    try (Matrix matrix = la.fromColumns(a, M, N)) {
      LeftSvd svd = la.leftSvd(matrix);
      svd.vectors().close();
      return svd.values();
    }
  }

  private static double norm(double[] a) {
    return Math.sqrt(DoubleStream.of(a).map(x -> x * x).sum());
  }

  private static double tail(double[] sigma, int k) {
    return norm(Arrays.copyOfRange(sigma, k, sigma.length));
  }

  /** The truncation of A to rank k, by powers of A·Aᵀ on its leading vectors. */
  private double[] truncated(double[] a, int k) {
    try (Matrix matrix = la.fromColumns(a, M, N)) {
      LeftSvd svd = la.leftSvd(matrix);
      try (Matrix u = svd.vectors();
          Matrix leading = la.columns(u, 0, k);
          Matrix c = la.transposedProduct(leading, matrix);
          Matrix product = la.product(leading, c)) {
        return product.toDoubles();
      }
    }
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = a.clone();
    for (int i = 0; i < a.length; i++) {
      difference[i] -= b[i];
    }
    return difference;
  }

  private static double[] decaying(Random random) {
    double[] a = new double[M * N];
    for (int l = 0; l < M; l++) {
      double[] u = random.doubles(M, -1, 1).toArray();
      double[] v = random.doubles(N, -1, 1).toArray();
      for (int j = 0; j < N; j++) {
        for (int i = 0; i < M; i++) {
          a[i + j * M] += Math.pow(0.5, l) * u[i] * v[j];
        }
      }
    }
    return a;
  }

  private static double[] squares(double[] sigma) {
    return DoubleStream.of(sigma).map(s -> s * s).toArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theLineIsExactForProjectionsAndTheBandHoldsForAll(long seed) {
    Random random = new Random(seed);
    double[] a = decaying(random);
    double[] exact = spectrum(a);
    double[] projected = truncated(a, 5);
    double[] other = projected.clone();
    for (int i = 0; i < other.length; i++) {
      other[i] += 0.02 * random.nextGaussian();
    }
    for (double[] stored : new double[][] {projected, other}) {
      double error = norm(minus(a, stored)) / norm(a);
      double[] sigma = spectrum(stored);
      ClusterSpectrum spectrum = new ClusterSpectrum("c", M, N, error, squares(sigma), 0);
      for (int k = 0; k <= M; k++) {
        double cut = norm(minus(a, k == 0 ? new double[M * N] : truncated(stored, k))) / norm(a);
        double least = tail(exact, k) / norm(a);
        if (stored == projected) {
          assertEquals(cut, spectrum.expected()[k], 1e-9);
        }
        assertTrue(spectrum.lower()[k] <= least + 1e-12, k + ": " + least);
        assertTrue(least <= cut + 1e-12);
        assertTrue(cut <= spectrum.upper()[k] + 1e-12, k + ": " + cut);
      }
    }
  }

  @Test
  void columnsThatAreKeptStayAtEveryRank() {
    ClusterSpectrum spectrum = new ClusterSpectrum("c", 2, 2, 0, new double[] {3, 1}, 12);
    double[] expected = {0.5, 0.25, 0};
    assertArrayEquals(expected, spectrum.expected(), 1e-12);
    assertArrayEquals(expected, spectrum.upper(), 1e-12);
    assertArrayEquals(new double[] {1, Math.sqrt(1.0 / 3)}, spectrum.shares(), 1e-12);
  }

  @Test
  void samplesHaveBothEnds() {
    assertArrayEquals(new int[] {1, 2, 3}, ClusterSpectrum.sampled(1, 3, 200));
    int[] sampled = ClusterSpectrum.sampled(0, 1000, 200);
    assertEquals(200, sampled.length);
    assertEquals(0, sampled[0]);
    assertEquals(1000, sampled[199]);
    assertArrayEquals(new int[] {1}, ClusterSpectrum.sampled(1, 1, 200));
  }
}
