package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.RangeFinder.Leading;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What few directions tell agrees with all singular values as far as it is said to. */
class RangeFinderPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int SIDE = 512;
  private static final double LIMIT = 0.01;

  /** Directions of falling size, and noise of a norm relative to theirs. */
  private static Matrix matrix(Random random, int rank, double noise, boolean isTall) {
    int m = isTall ? SIDE + 60 : SIDE;
    int n = isTall ? SIDE : SIDE + 60;
    double scale = Math.pow(10, random.nextInt(200) - 100);
    double[] left = random.doubles((long) m * rank, -1, 1).toArray();
    double[] right = random.doubles((long) rank * n, -1, 1).toArray();
    double[] sizes = new double[rank];
    for (int i = 0; i < rank; i++) {
      sizes[i] = scale * Math.exp(-4.0 * i / rank);
    }
    try (Matrix u = LA.fromColumns(left, m, rank);
        Matrix scaled = LA.scaleColumns(u, sizes);
        Matrix v = LA.fromColumns(right, rank, n);
        Matrix product = LA.product(scaled, v)) {
      double deviation = noise * Math.sqrt(LA.energy(product) / ((double) m * n));
      double[] values = product.toDoubles();
      for (int i = 0; i < values.length; i++) {
        values[i] += deviation * random.nextGaussian();
      }
      return LA.fromColumns(values, m, n);
    }
  }

  @Property(tries = 12)
  void agreesWithAllSingularValues(
      @ForAll @IntRange(min = 1, max = 30) int rank,
      @ForAll @IntRange(min = 0, max = 3) int noise,
      @ForAll boolean isTall,
      @ForAll long seed) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(matrix(new Random(seed), rank, noise * LIMIT / 16, isTall));
      double energy = LA.energy(a);
      double allowed = LIMIT * LIMIT * energy;
      Leading leading = new RangeFinder(LA).find(a, energy, allowed).orElseThrow();
      Matrix vectors = scope.own(leading.vectors());
      double[] gram = scope.own(LA.gram(vectors)).toDoubles();
      int k = vectors.columns();
      for (int i = 0; i < gram.length; i++) {
        assertEquals(i % k == i / k ? 1 : 0, gram[i], 1e-12);
      }
      Matrix residual = scope.own(LA.cast(a, Precision.FLOAT64));
      LA.subtractProductInPlace(residual, vectors, scope.own(LA.transposedProduct(vectors, a)));
      assertEquals(LA.energy(residual), leading.outside(), 1e-12 * energy);
      assertTrue(leading.outside() <= 0.05 * allowed);
      double[] exact = scope.own(LA.leftSvd(a)).values();
      double sum = 0;
      double exactSum = 0;
      for (int i = 0; i < k; i++) {
        sum += leading.squares()[i];
        exactSum += exact[i] * exact[i];
        assertTrue(sum <= exactSum + 1e-12 * energy);
        assertTrue(sum >= exactSum - leading.outside() - 1e-12 * energy);
      }
      // The same directions each time.
      Leading again = new RangeFinder(LA).find(a, energy, allowed).orElseThrow();
      again.vectors().close();
      assertArrayEquals(leading.squares(), again.squares());
    }
  }

  @Property(tries = 8)
  void ranksAreThoseOfAllSingularValues(
      @ForAll @IntRange(min = 1, max = 30) int rank,
      @ForAll @IntRange(min = 0, max = 20) int noise,
      @ForAll boolean isTall,
      @ForAll long seed) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(matrix(new Random(seed), rank, noise * LIMIT / 16, isTall));
      int n = a.columns();
      // Of a size that a cluster's units are near.
      Matrix unit = scope.own(LA.scaleColumns(a, filled(n, 1 / Math.sqrt(LA.energy(a)))));
      Cluster cluster =
          new Cluster(
              LA,
              a.rows(),
              List.of(new Member(0, n, 0, 0)),
              j -> LA.cast(unit, Precision.FLOAT64),
              Scope.BLOCK);
      BasisFinder finder = new BasisFinder(LA);
      Basis few =
          finder.find(cluster, n, LIMIT, new FewDirections(new ErrorLimit(LIMIT, Scope.BLOCK)));
      Basis all = finder.find(cluster, n, LIMIT);
      scope.own(few.vectors());
      scope.own(all.vectors());
      OptionalInt exact = Rank.smallestFor(all.spectrum(), LIMIT);
      OptionalInt found = Rank.smallestFor(few.spectrum(), LIMIT);
      assertEquals(exact.isPresent(), found.isPresent());
      if (exact.isPresent()) {
        assertTrue(found.getAsInt() >= exact.getAsInt());
        // Where the tail is near the limit the last direction may be needed after all.
        assertTrue(found.getAsInt() <= exact.getAsInt() + 1, found + " for " + exact);
      }
    }
  }

  @Property(tries = 3)
  void manyDirectionsAreLeftToOthers(@ForAll boolean isTall, @ForAll long seed) {
    try (Matrix a = matrix(new Random(seed), 200, 0.1, isTall)) {
      Optional<Leading> found =
          new RangeFinder(LA).find(a, LA.energy(a), LIMIT * LIMIT * LA.energy(a));
      assertTrue(found.isEmpty());
    }
  }

  private static double[] filled(int length, double value) {
    double[] values = new double[length];
    Arrays.fill(values, value);
    return values;
  }
}
