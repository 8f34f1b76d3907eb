package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RankOneEigenPropertyTest {

  private static final LinearAlgebra LA = new ReferenceLinearAlgebra();

  /** What the diagonal looks like. */
  enum Diagonal {
    SPREAD,
    GRADED,
    REPEATED,
    NEARLY_EQUAL,
    ZERO
  }

  private static double[] diagonal(Diagonal kind, int n, Random random) {
    double[] d = new double[n];
    for (int i = 0; i < n; i++) {
      d[i] =
          switch (kind) {
            case SPREAD -> random.nextDouble();
            case GRADED -> Math.pow(10, -20 * random.nextDouble());
            case REPEATED -> random.nextInt(3);
            case NEARLY_EQUAL -> 1 + 1e-15 * random.nextInt(20);
            case ZERO -> 0;
          };
    }
    Arrays.sort(d);
    for (int i = 0; i < n / 2; i++) {
      double last = d[n - 1 - i];
      d[n - 1 - i] = d[i];
      d[i] = last;
    }
    return d;
  }

  private static double[] column(int n, Random random) {
    double[] z = new double[n];
    for (int i = 0; i < n; i++) {
      double size = random.nextBoolean() ? 1 : Math.pow(10, -18 * random.nextDouble());
      z[i] = random.nextInt(5) == 0 ? 0 : size * random.nextGaussian();
    }
    return z;
  }

  @Property(tries = 500)
  void valuesAndVectorsSolveTheProblem(
      @ForAll Diagonal kind,
      @ForAll @IntRange(min = 1, max = 24) int n,
      @ForAll @IntRange(min = -60, max = 60) int exponent,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] d = diagonal(kind, n, random);
    double[] z = column(n, random);
    double largest = 0;
    for (int i = 0; i < n; i++) {
      d[i] = Math.scalb(d[i], 2 * exponent);
      z[i] = Math.scalb(z[i], exponent);
      largest += z[i] * z[i];
    }
    largest += d[0];
    RankOneEigen eigen = RankOneEigen.of(d.clone(), z.clone());
    double[] values = eigen.values();
    double[] vectors = eigen.vectors(n);

    assertArrayEquals(exactValues(d, z), values, 1e-13 * largest, "values");
    for (int i = 0; i < n; i++) {
      assertTrue(i == 0 || values[i] <= values[i - 1], "descending");
      double inner = 0;
      for (int j = 0; j < n; j++) {
        inner += z[j] * vectors[i * n + j];
      }
      for (int j = 0; j < n; j++) {
        double image = d[j] * vectors[i * n + j] + inner * z[j];
        assertEquals(values[i] * vectors[i * n + j], image, 1e-14 * largest, "residual");
        double product = 0;
        for (int l = 0; l < n; l++) {
          product += vectors[i * n + l] * vectors[j * n + l];
        }
        assertEquals(i == j ? 1 : 0, product, 1e-14, "orthonormal");
      }
    }
  }

  private static double[] exactValues(double[] d, double[] z) {
    int n = d.length;
    double[] elements = new double[n * n];
    for (int i = 0; i < n; i++) {
      elements[i * n + i] = d[i];
      for (int j = 0; j < n; j++) {
        elements[i * n + j] += z[i] * z[j];
      }
    }
    try (Matrix g = LA.fromColumns(elements, n, n)) {
      return LA.symmetricEigenvalues(g);
    }
  }

  @Test
  void nothingIsLeftOfNothing() {
    assertEquals(0, RankOneEigen.of(new double[0], new double[0]).values().length);
    RankOneEigen zeros = RankOneEigen.of(new double[2], new double[2]);
    assertArrayEquals(new double[2], zeros.values());
    assertArrayEquals(new double[] {1, 0, 0, 1}, zeros.vectors(2));
  }
}
