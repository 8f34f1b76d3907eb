package io.github.colonnade.svd.sketch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketcher.BothFactors;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class BothFactorsPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  /** ‖A·Aᵀ − F·Fᵀ‖ in the Frobenius norm. */
  private static double distance(Matrix a, Matrix factor, MatrixScope scope) {
    Matrix rest = scope.own(LA.zeros(a.rows(), a.rows(), Precision.FLOAT64));
    LA.addOuterProductInPlace(rest, a, 1);
    LA.addOuterProductInPlace(rest, factor, -1);
    return Math.sqrt(LA.energy(rest));
  }

  private static Matrix transposed(Matrix a) {
    double[] values = a.toDoubles();
    double[] turned = new double[values.length];
    for (int j = 0; j < a.columns(); j++) {
      for (int i = 0; i < a.rows(); i++) {
        turned[j + i * a.columns()] = values[i + j * a.rows()];
      }
    }
    return LA.fromColumns(turned, a.columns(), a.rows());
  }

  /** Both factors are those of a sketch of each side, but for what is left out. */
  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void theyAreThoseOfBothSketches(
      @ForAll @IntRange(min = 1, max = 260) int m,
      @ForAll @IntRange(min = 1, max = 260) int n,
      @ForAll @IntRange(min = 0, max = 40) int rank,
      @ForAll @DoubleRange(min = 0, max = 0.1) double noise,
      @ForAll @IntRange(min = 0, max = 300) int most,
      @ForAll Precision precision,
      @ForAll long seed) {
    Random random = new Random(seed);
    double droppable = 1e-4;
    try (MatrixScope scope = new MatrixScope()) {
      double[] sum = random.doubles((long) m * n, -noise, noise + 1e-300).toArray();
      for (int l = 0; l < rank; l++) {
        double[] u = random.doubles(m, -1, 1).toArray();
        double[] v = random.doubles(n, -1, 1).toArray();
        for (int at = 0; at < sum.length; at++) {
          sum[at] += u[at % m] * v[at / m];
        }
      }
      Matrix exact = scope.own(LA.fromColumns(sum, m, n));
      Matrix a = scope.own(LA.cast(exact, precision));
      Matrix turned = scope.own(transposed(a));
      Sketcher sketcher = new Sketcher(LA, precision, Math.min(m, n));

      BothFactors both = sketcher.factors(a, droppable, 0, spectrum -> most);
      scope.own(both.left());
      scope.own(both.right());

      assertEquals(both.spectrum().size(), both.left().columns());
      assertEquals(both.spectrum().size(), both.right().columns());
      assertTrue(both.spectrum().size() <= most);
      double energy = LA.energy(a);
      double rounding = 1e-5 * energy;
      assertEquals(energy, both.spectrum().energy(), rounding);
      Sketch whole = sketcher.sketch(a);
      scope.own(whole.basis());
      double[] expected = new double[both.spectrum().size()];
      double[] found = new double[expected.length];
      for (int i = 0; i < expected.length && i < whole.rank(); i++) {
        expected[i] = whole.spectrum().squaredSingularValue(i);
        found[i] = both.spectrum().squaredSingularValue(i);
      }
      assertArrayEquals(expected, found, droppable * energy + rounding);
      double left = both.spectrum().tailEnergy(both.spectrum().size());
      Matrix left64 = scope.own(LA.cast(both.left(), Precision.FLOAT64));
      Matrix right64 = scope.own(LA.cast(both.right(), Precision.FLOAT64));
      Matrix a64 = scope.own(LA.cast(a, Precision.FLOAT64));
      Matrix turned64 = scope.own(LA.cast(turned, Precision.FLOAT64));
      assertTrue(distance(a64, left64, scope) <= left + 10 * rounding);
      assertTrue(distance(turned64, right64, scope) <= left + 10 * rounding);
    }
  }
}
