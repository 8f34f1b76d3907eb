package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * All backends against sums in double, by the bound |fl(AB) − AB| ≤ 2k·u·|A||B| of their entries.
 */
class BackendsAgreePropertyTest {

  private static final List<LinearAlgebra> BACKENDS = backends();

  private static List<LinearAlgebra> backends() {
    List<LinearAlgebra> backends = new ArrayList<>();
    backends.add(new Nd4jLinearAlgebra());
    if (!Cuda.isOnClassPath()) {
      backends.add(new Nd4jLinearAlgebra(new ArrayBackend(0)));
      // Some matrices are arrays of ND4J and some are not.
      backends.add(new Nd4jLinearAlgebra(new ArrayBackend(300)));
    }
    backends.add(new Nd4jLinearAlgebra(new HostBackend()));
    backends.add(
        new Nd4jLinearAlgebra(new DeviceBackend(new Nd4jDevice(0), OffloadThreshold.NONE)));
    // Some products of these sizes go to the device and some do not.
    backends.add(
        new Nd4jLinearAlgebra(
            new DeviceBackend(new Nd4jDevice(0), new OffloadThreshold(2_000, 5))));
    return backends;
  }

  @Property(tries = 300)
  void productsAreWithinTheirRounding(
      @ForAll @IntRange(min = 0, max = 40) int m,
      @ForAll @IntRange(min = 0, max = 40) int n,
      @ForAll @IntRange(min = 0, max = 40) int k,
      @ForAll Precision precision,
      @ForAll @IntRange(min = -30, max = 30) int exponent,
      @ForAll long seed) {
    double[] a = gaussian(new Random(seed), m * k, exponent);
    double[] b = gaussian(new Random(seed + 1), k * n, -exponent / 2);
    double[] c = gaussian(new Random(seed + 2), m * n, exponent / 2);
    double[] at = LinearAlgebraContract.transpose(a, m, k);
    double[] bt = LinearAlgebraContract.transpose(b, k, n);
    double[] exact = LinearAlgebraContract.multiply(a, m, k, b, n);
    double[] sizes = LinearAlgebraContract.multiply(absolute(a), m, k, absolute(b), n);
    double unit = precision == Precision.FLOAT32 ? 0x1p-24 : 0x1p-53;
    for (LinearAlgebra la : BACKENDS) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix left = matrix(la, scope, a, m, k, precision);
        Matrix right = matrix(la, scope, b, k, n, precision);
        Matrix product = scope.own(la.product(left, right));
        within(exact, product, sizes, c, 0, 2 * (k + 1) * unit, la);
        Matrix transposed = matrix(la, scope, at, k, m, precision);
        within(
            exact,
            scope.own(la.transposedProduct(transposed, right)),
            sizes,
            c,
            0,
            2 * (k + 1) * unit,
            la);
        Matrix rightTransposed = matrix(la, scope, bt, n, k, precision);
        within(
            exact,
            scope.own(la.productTransposed(left, rightTransposed)),
            sizes,
            c,
            0,
            2 * (k + 1) * unit,
            la);
        Matrix sum = matrix(la, scope, c, m, n, precision);
        la.subtractProductInPlace(sum, left, right);
        double[] difference = c.clone();
        for (int i = 0; i < difference.length; i++) {
          difference[i] -= exact[i];
        }
        within(difference, sum, sizes, c, 1, 2 * (k + 2) * unit, la);
      }
    }
  }

  @Property(tries = 100)
  void gramMatricesAreTakenInDouble(
      @ForAll @IntRange(min = 0, max = 40) int m,
      @ForAll @IntRange(min = 0, max = 40) int n,
      @ForAll Precision precision,
      @ForAll long seed) {
    double[] a = gaussian(new Random(seed), m * n, 0);
    double[] at = LinearAlgebraContract.transpose(a, m, n);
    double[] exact = LinearAlgebraContract.multiply(at, n, m, a, n);
    double[] sizes = LinearAlgebraContract.multiply(absolute(at), n, m, absolute(a), n);
    for (LinearAlgebra la : BACKENDS) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix matrix = matrix(la, scope, a, m, n, precision);
        Matrix gram = scope.own(la.gram(matrix));
        within(exact, gram, sizes, sizes, 0, 2 * (m + 1) * 0x1p-53, la);
        Matrix transposed = matrix(la, scope, at, n, m, precision);
        Matrix sum = scope.own(la.zeros(n, n, Precision.FLOAT64));
        la.addOuterProductInPlace(sum, transposed, 1);
        within(exact, sum, sizes, sizes, 0, 2 * (m + 2) * 0x1p-53, la);
      }
    }
  }

  private static Matrix matrix(
      LinearAlgebra la, MatrixScope scope, double[] a, int m, int n, Precision precision) {
    return scope.own(la.cast(scope.own(la.fromColumns(a, m, n)), precision));
  }

  /** |actual − exact| ≤ rounding·(sizes + weight·|c|) for each entry. */
  private static void within(
      double[] exact,
      Matrix actual,
      double[] sizes,
      double[] c,
      int weight,
      double rounding,
      LinearAlgebra la) {
    double[] values = actual.toDoubles();
    for (int i = 0; i < exact.length; i++) {
      double limit = rounding * (sizes[i] + weight * Math.abs(c[i])) + Double.MIN_NORMAL;
      double error = Math.abs(values[i] - exact[i]);
      assertTrue(error <= limit, la.name() + ": entry " + i + " is " + error + " off, " + limit);
    }
  }

  private static double[] absolute(double[] a) {
    double[] absolute = a.clone();
    for (int i = 0; i < a.length; i++) {
      absolute[i] = Math.abs(a[i]);
    }
    return absolute;
  }

  private static double[] gaussian(Random random, int length, int exponent) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = Math.scalb((float) random.nextGaussian(), exponent);
    }
    return values;
  }
}
