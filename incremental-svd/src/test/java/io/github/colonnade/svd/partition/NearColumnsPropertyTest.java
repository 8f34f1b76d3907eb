package io.github.colonnade.svd.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Bounds are below all residuals, and near them where columns lie in their subspace. */
class NearColumnsPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 40;

  /** Of the energies, what is allowed for rounding twice over, on both sides of a norm. */
  private static final double SHARP = 0.03;

  private static Matrix gaussians(Random random, int columns) {
    double[] values = new double[M * columns];
    Arrays.setAll(values, i -> random.nextGaussian());
    return LA.fromColumns(values, M, columns);
  }

  private static Matrix orthonormal(MatrixScope scope, Matrix a) {
    Qr qr = scope.own(LA.qr(a));
    return qr.q();
  }

  @Property(tries = 200)
  void boundsAreBelowResiduals(
      @ForAll @IntRange(min = 1, max = 13) int p,
      @ForAll @IntRange(min = 1, max = 9) int k,
      @ForAll @IntRange(min = 1, max = 30) int count,
      @ForAll boolean isInside,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix v = orthonormal(scope, scope.own(gaussians(random, p)));
      double[] c = new double[p * count];
      Arrays.setAll(c, i -> random.nextGaussian());
      Matrix x = scope.own(LA.product(v, scope.own(LA.fromColumns(c, p, count))));
      if (!isInside) {
        double[] some = x.toDoubles();
        double noise = 0.2 * random.nextDouble();
        Arrays.setAll(some, i -> some[i] + noise * random.nextGaussian());
        x = scope.own(LA.fromColumns(some, M, count));
      }
      // Half of the seeds have a column of these, which lies inside.
      Matrix other = scope.own(gaussians(random, k));
      Matrix seedColumns =
          random.nextBoolean()
              ? scope.own(LA.concatenate(List.of(other, scope.own(LA.columns(x, 0, 1)))))
              : other;
      Matrix q = orthonormal(scope, seedColumns);
      double[] energies = LA.columnEnergies(x);
      double[] inside = LA.columnEnergies(scope.own(LA.transposedProduct(q, x)));
      double[] coordinates = scope.own(LA.transposedProduct(v, x)).toDoubles();
      int[] order =
          IntStream.range(0, count)
              .boxed()
              .sorted((i, j) -> Double.compare(energies[i], energies[j]))
              .mapToInt(Integer::intValue)
              .toArray();
      double[][] padded = new double[NearColumns.padded(p)][count];
      for (int b = 0; b < count; b++) {
        for (int i = 0; i < p; i++) {
          padded[i][b] = coordinates[i + order[b] * p];
        }
      }
      NearColumns near =
          new NearColumns(
              0, order, Arrays.stream(order).mapToDouble(b -> energies[b]).toArray(), padded);
      Matrix w = scope.own(LA.transposedProduct(v, q));
      double[] g = scope.own(LA.productTransposed(w, w)).toDoubles();
      double[] stride = new double[padded.length * padded.length];
      double largest = LA.symmetricEigenvalues(scope.own(LA.fromColumns(g, p, p)))[0];
      for (int at = 0; at < g.length; at++) {
        stride[at % p + at / p * padded.length] = g[at];
      }
      boolean[] isAvailable = new boolean[count];
      Arrays.fill(isAvailable, true);
      if (count > 1) {
        isAvailable[random.nextInt(count)] = false;
      }
      Set<Integer> left = new HashSet<>();
      IntStream.range(0, count).filter(b -> isAvailable[b]).forEach(left::add);
      assertTrue(near.begin(isAvailable, Math.max(0, largest)));
      double rounding = 1e-12;
      assertTrue(near.least() <= smallest(left, energies, inside) + rounding);
      assertFalse(near.isBounded());
      near.bound(stride);
      assertTrue(near.isBounded());
      while (!left.isEmpty()) {
        int first = near.first();
        assertTrue(left.contains(first));
        double residual = Math.max(0, energies[first] - inside[first]);
        if (near.isFirstExact()) {
          assertEquals(smallest(left, energies, inside), residual, rounding);
          left.remove(first);
          assertEquals(!left.isEmpty(), near.takeFirst());
        } else {
          assertTrue(near.least() <= smallest(left, energies, inside) + rounding);
          if (isInside) {
            assertTrue(near.least() >= residual - SHARP * energies[first]);
          }
          near.tellFirst(residual);
        }
      }
    }
  }

  private static double smallest(Set<Integer> left, double[] energies, double[] inside) {
    return left.stream().mapToDouble(b -> Math.max(0, energies[b] - inside[b])).min().orElseThrow();
  }
}
