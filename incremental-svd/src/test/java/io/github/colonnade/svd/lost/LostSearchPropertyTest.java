package io.github.colonnade.svd.lost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Few leading vectors lead to the columns that all of them do. */
class LostSearchPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  @Property(tries = 40)
  void fewVectorsServeAsWellAsAll(
      @ForAll @IntRange(min = 100, max = 160) int m,
      @ForAll @IntRange(min = 100, max = 160) int n,
      @ForAll @IntRange(min = 1, max = 10) int rank,
      @ForAll @IntRange(min = 0, max = 12) int outliers,
      @ForAll long seed) {
    Random random = new Random(seed);
    double limit = 0.02 + 0.1 * random.nextDouble();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix w = scope.own(matrix(random, m, n, rank, outliers, limit / 10));
      double allowed = limit * limit * LA.energy(w);
      LeftSvd svd = scope.own(LA.leftSvd(w));
      int needed = svd.values().length;
      double tail = 0;
      while (tail + svd.values()[needed - 1] * svd.values()[needed - 1] <= allowed) {
        needed--;
        tail += svd.values()[needed] * svd.values()[needed];
      }
      Matrix few = scope.own(LA.columns(svd.vectors(), 0, Math.min(48, 3 * needed)));
      LostSearch search = new LostSearch(LA);
      LostPlan byFew = search.cheapest(w, few, Integer.MAX_VALUE, allowed, Float.BYTES);
      LostPlan byAll = search.cheapest(w, svd.vectors(), Integer.MAX_VALUE, allowed, Float.BYTES);
      assertTrue(byFew.lost() <= allowed * (1 + 1e-9));
      assertEquals(1, (double) byFew.numbers() / byAll.numbers(), 0.02);
      assertTrue(byFew.numbers() <= (long) needed * (m + n));
    }
  }

  /** Low rank, noise of a norm relative to that, and columns that are like no other. */
  private static Matrix matrix(Random random, int m, int n, int rank, int outliers, double noise) {
    try (Matrix u = LA.fromColumns(random.doubles((long) m * rank, -1, 1).toArray(), m, rank);
        Matrix v = LA.fromColumns(random.doubles((long) rank * n, -1, 1).toArray(), rank, n);
        Matrix product = LA.product(u, v)) {
      double[] values = product.toDoubles();
      double deviation = noise * Math.sqrt(LA.energy(product) / values.length);
      for (int i = 0; i < values.length; i++) {
        values[i] += deviation * random.nextGaussian();
      }
      for (int each = 0; each < outliers; each++) {
        int column = random.nextInt(n);
        for (int i = 0; i < m; i++) {
          values[i + column * m] = 2 * random.nextGaussian();
        }
      }
      return LA.fromColumns(values, m, n);
    }
  }
}
