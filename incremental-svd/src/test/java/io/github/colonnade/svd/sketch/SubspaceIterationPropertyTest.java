package io.github.colonnade.svd.sketch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SubspaceIterationPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int SMALL = 208;

  /** A·diag(s)·B, whose singular values fall from 1, with white noise. */
  private static Matrix matrix(
      MatrixScope scope, int m, int n, int rank, double fall, double noise, long seed) {
    Random random = new Random(seed);
    Matrix left = gaussian(scope, random, m, rank, 1 / Math.sqrt(m));
    Matrix right = gaussian(scope, random, rank, n, 1 / Math.sqrt(n));
    double[] sizes = new double[rank];
    Arrays.setAll(sizes, i -> -Math.exp(-fall * i / rank));
    Matrix sum = gaussian(scope, random, m, n, noise / Math.sqrt((double) m * n));
    LA.subtractProductInPlace(sum, scope.own(LA.scaleColumns(left, sizes)), right);
    return sum;
  }

  private static Matrix gaussian(
      MatrixScope scope, Random random, int rows, int columns, double size) {
    double[] values = new double[rows * columns];
    Arrays.setAll(values, i -> size * random.nextGaussian());
    return scope.own(LA.fromColumns(values, rows, columns));
  }

  /** A·Aᵀ less the outer product of the sketch has no negative eigenvalue but rounding. */
  private static void requireBelow(Sketch sketch, Matrix a, MatrixScope scope, double rounding) {
    Matrix rest = scope.own(LA.zeros(a.rows(), a.rows(), Precision.FLOAT64));
    LA.addOuterProductInPlace(rest, a, 1);
    double[] sigmas = new double[sketch.rank()];
    Arrays.setAll(sigmas, i -> Math.sqrt(sketch.spectrum().squaredSingularValue(i)));
    Matrix q = scope.own(LA.cast(sketch.basis(), Precision.FLOAT64));
    LA.addOuterProductInPlace(rest, scope.own(LA.scaleColumns(q, sigmas)), -1);
    double[] left = LA.symmetricEigenvalues(rest);
    double energy = LA.energy(a);
    assertTrue(
        left[left.length - 1] >= -rounding * energy,
        () -> left[left.length - 1] + " of " + energy + " too much");
    assertEquals(energy, sketch.spectrum().energy(), rounding * energy);
  }

  private static void requireOrthonormal(Matrix q, MatrixScope scope, double rounding) {
    double[] gram = scope.own(LA.gram(q)).toDoubles();
    double[] unit = new double[gram.length];
    for (int i = 0; i < unit.length; i += q.columns() + 1) {
      unit[i] = 1;
    }
    assertArrayEquals(unit, gram, rounding);
  }

  @Property(tries = 24, shrinking = ShrinkingMode.OFF)
  void sketchesOfMostKeepTheirInvariants(
      @ForAll boolean wide,
      @ForAll Precision precision,
      @ForAll @IntRange(min = 1, max = 60) int rank,
      @ForAll @DoubleRange(min = 0, max = 12) double fall,
      @ForAll @DoubleRange(min = 0, max = 0.05) double noise,
      @ForAll @IntRange(min = 2, max = 10) int digits,
      @ForAll long seed) {
    double droppable = Math.pow(10, -digits);
    try (MatrixScope scope = new MatrixScope()) {
      // Above the size of which a float64 matrix is decomposed directly.
      int side = precision == Precision.FLOAT64 ? 520 : SMALL;
      Matrix exact =
          wide
              ? matrix(scope, side, side + 70, rank, fall, noise, seed)
              : matrix(scope, side + 70, side, rank, fall, noise, seed);
      Matrix a = scope.own(LA.cast(exact, precision));
      Sketch sketch = new Sketcher(LA, precision, side).sketchOfMost(a, droppable, 3);
      scope.own(sketch.basis());

      double rounding = precision == Precision.FLOAT64 ? 1e-12 : 2e-5;
      requireBelow(sketch, a, scope, rounding);
      requireOrthonormal(sketch.basis(), scope, rounding);
      double dropped = sketch.spectrum().tailEnergy(sketch.rank());
      assertTrue(dropped <= (droppable + rounding) * sketch.spectrum().energy());
      assertTrue(sketch.rank() >= Math.min(3, rank));
    }
  }

  /** Where an eighth of the directions holds all but a little, only these are computed. */
  @Test
  void itIsUsedWhereItServes() {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = matrix(scope, SMALL, SMALL, 20, 3, 0.01, 1);
      Matrix gram = scope.own(LA.gram(a));
      SubspaceIteration iteration = new SubspaceIteration(LA);
      double[] all = LA.symmetricEigenvalues(gram);

      for (Optional<Eigen> found :
          Arrays.asList(iteration.inner(a, gram, 1e-3, 20), iteration.outer(a, gram, 1e-3, 20))) {
        Eigen pairs = scope.own(found.orElseThrow());
        assertEquals(SMALL / 8, pairs.values().length);
        assertArrayEquals(Arrays.copyOf(all, 20), Arrays.copyOf(pairs.values(), 20), 1e-9 * all[0]);
        requireOrthonormal(pairs.vectors(), scope, 1e-12);
      }
    }
  }

  @Test
  void itIsLeftWhereItDoesNot() {
    try (MatrixScope scope = new MatrixScope()) {
      SubspaceIteration iteration = new SubspaceIteration(LA);
      Matrix of = matrix(scope, SMALL, SMALL, 20, 3, 0.01, 1);
      Matrix low = scope.own(LA.gram(of));
      assertTrue(iteration.inner(of, low, 1e-5, 20).isEmpty(), "the noise is more than that");
      assertTrue(iteration.outer(of, low, 1e-5, 20).isEmpty(), "the noise is more than that");
      assertTrue(iteration.inner(of, low, 1e-3, 27).isEmpty(), "more pairs were asked for");
      assertTrue(iteration.inner(of, low, 1e-12, 20).isEmpty(), "a difference does not tell that");
      Matrix flat = gaussian(scope, new Random(2), 300, SMALL, 1);
      assertTrue(iteration.inner(flat, scope.own(LA.gram(flat)), 1e-3, 1).isEmpty());
      Matrix few = matrix(scope, 100, 100, 2, 1, 0, 1);
      assertTrue(iteration.inner(few, scope.own(LA.gram(few)), 1e-3, 1).isEmpty(), "it is small");
      Matrix zero = scope.own(LA.zeros(SMALL, SMALL, Precision.FLOAT64));
      iteration.inner(zero, zero, 1e-3, 0).ifPresent(scope::own);
      iteration.outer(zero, zero, 1e-3, 0).ifPresent(scope::own);
    }
  }
}
