package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** On spectra that are hard for a part of all vectors: equal, nearly equal and vanishing values. */
class LeadingEigenvectorsPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  enum Values {
    SPREAD,
    GRADED,
    REPEATED,
    NEARLY_EQUAL,
    LOW_RANK,
    BOTH_SIGNS,
    EQUAL
  }

  enum Form {
    DENSE,
    DIAGONAL,
    TRIDIAGONAL,
    TWO_PARTS
  }

  private static double[] values(Values kind, int n, Random random) {
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          switch (kind) {
            case SPREAD -> random.nextDouble();
            case GRADED -> Math.pow(10, -20 * random.nextDouble());
            case REPEATED -> random.nextInt(3);
            case NEARLY_EQUAL -> 1 + 1e-15 * random.nextInt(20);
            case LOW_RANK -> i < n / 8 ? 1 + random.nextDouble() : 0;
            case BOTH_SIGNS -> random.nextGaussian();
            case EQUAL -> 3;
          };
    }
    return values;
  }

  private static Matrix matrix(Form form, double[] values, Random random, MatrixScope scope) {
    int n = values.length;
    double[] g = new double[n * n];
    for (int i = 0; i < n; i++) {
      g[i * (n + 1)] = values[i];
    }
    if (form == Form.TRIDIAGONAL) {
      for (int i = 1; i < n; i++) {
        // Glued Wilkinson matrices have pairs that agree to working precision.
        double beside = i % 21 == 0 ? 1e-8 : random.nextInt(3) == 0 ? 0 : 1;
        g[i * n + i - 1] = beside;
        g[i + n * (i - 1)] = beside;
        g[i * (n + 1)] = values[i] + Math.abs(i % 21 - 10);
      }
      return scope.own(LA.fromColumns(g, n, n));
    }
    Matrix diagonal = scope.own(LA.fromColumns(g, n, n));
    if (form == Form.DIAGONAL) {
      return diagonal;
    }
    double[] start = new double[n * n];
    int part = form == Form.TWO_PARTS ? n / 2 : n;
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < n; i++) {
        start[i + j * n] = i < part == j < part ? random.nextGaussian() : 0;
      }
    }
    Qr qr = scope.own(LA.qr(scope.own(LA.fromColumns(start, n, n))));
    Matrix turned = scope.own(LA.product(qr.q(), diagonal));
    double[] product = scope.own(LA.productTransposed(turned, qr.q())).toDoubles();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < i; j++) {
        product[i + j * n] = product[j + i * n];
      }
    }
    return scope.own(LA.fromColumns(product, n, n));
  }

  @Property(tries = 300)
  void pairsSolveTheProblem(
      @ForAll Values kind,
      @ForAll Form form,
      @ForAll @IntRange(min = 1, max = 160) int n,
      @ForAll @IntRange(min = 0, max = 160) int most,
      @ForAll @IntRange(min = -130, max = 130) int exponent,
      @ForAll long seed) {
    Random random = new Random(seed);
    int count = Math.min(n, most);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix unscaled = matrix(form, values(kind, n, random), random, scope);
      double[] scale = new double[n];
      Arrays.fill(scale, Math.pow(10, exponent));
      Matrix g = scope.own(LA.scaleColumns(unscaled, scale));
      Eigen eigen = scope.own(LA.symmetricEigen(g, values -> count));
      double[] expected = LA.symmetricEigenvalues(g);
      double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
      double tolerance = 3e-15 * n * largest;
      for (int i = 0; i < n; i++) {
        assertEquals(expected[i], eigen.values()[i], tolerance, "value " + i);
        assertTrue(i == 0 || eigen.values()[i] <= eigen.values()[i - 1], "largest first");
      }
      Matrix v = eigen.vectors();
      assertEquals(count, v.columns());
      double[] products = scope.own(LA.transposedProduct(v, v)).toDoubles();
      for (int i = 0; i < products.length; i++) {
        assertEquals(i % (count + 1) == 0 ? 1 : 0, products[i], 3e-15 * n, "orthonormal");
      }
      double[] leading = Arrays.copyOf(eigen.values(), count);
      Matrix scaled = scope.own(LA.scaleColumns(v, leading));
      LA.subtractProductInPlace(scaled, g, v);
      for (double each : scaled.toDoubles()) {
        assertEquals(0, each, tolerance, "residual");
      }
    }
  }
}
