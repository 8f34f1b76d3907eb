package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every backend must do; results are compared with plain sums in double. */
abstract class LinearAlgebraContract {

  record Shape(int m, int n, Precision precision) {}

  abstract LinearAlgebra algebra();

  static List<Shape> shapes() {
    List<Shape> shapes = new ArrayList<>();
    for (Precision precision : Precision.values()) {
      for (int[] s :
          new int[][] {{1, 1}, {1, 7}, {7, 1}, {5, 3}, {3, 5}, {40, 17}, {17, 40}, {33, 33}}) {
        shapes.add(new Shape(s[0], s[1], precision));
      }
    }
    return shapes;
  }

  static double[] random(int m, int n, long seed) {
    Random random = new Random(seed * 31 + m * 1009L + n);
    double[] a = new double[m * n];
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) random.nextGaussian();
    }
    return a;
  }

  Matrix matrix(double[] a, int m, int n, Precision precision) {
    try (Matrix d = algebra().fromColumns(a, m, n)) {
      return algebra().cast(d, precision);
    }
  }

  static double tolerance(Precision precision) {
    return precision == Precision.FLOAT32 ? 2e-5 : 1e-12;
  }

  static double[] multiply(double[] a, int m, int k, double[] b, int n) {
    double[] c = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int l = 0; l < k; l++) {
          c[i + j * m] += a[i + l * m] * b[l + j * k];
        }
      }
    }
    return c;
  }

  static double[] transpose(double[] a, int m, int n) {
    double[] t = new double[a.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        t[j + i * n] = a[i + j * m];
      }
    }
    return t;
  }

  static void assertOrthonormal(Matrix q, double tolerance) {
    int k = q.columns();
    double[] a = q.toDoubles();
    double[] gram = multiply(transpose(a, q.rows(), k), k, q.rows(), a, k);
    for (int i = 0; i < k; i++) {
      for (int j = 0; j < k; j++) {
        assertEquals(i == j ? 1 : 0, gram[i + j * k], tolerance, "QᵀQ at " + i + "," + j);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void productsEqualPlainSums(Shape s) {
    int k = 6;
    double[] a = random(s.m, k, 1);
    double[] b = random(k, s.n, 2);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix ma = scope.own(matrix(a, s.m, k, s.precision));
      Matrix mb = scope.own(matrix(b, k, s.n, s.precision));
      Matrix mat = scope.own(matrix(transpose(a, s.m, k), k, s.m, s.precision));
      Matrix mbt = scope.own(matrix(transpose(b, k, s.n), s.n, k, s.precision));
      double[] expected = multiply(a, s.m, k, b, s.n);
      double tolerance = tolerance(s.precision);
      LinearAlgebra la = algebra();
      assertArrayEquals(expected, scope.own(la.product(ma, mb)).toDoubles(), tolerance);
      assertArrayEquals(expected, scope.own(la.transposedProduct(mat, mb)).toDoubles(), tolerance);
      assertArrayEquals(expected, scope.own(la.productTransposed(ma, mbt)).toDoubles(), tolerance);
      Matrix c = scope.own(matrix(expected, s.m, s.n, s.precision));
      la.subtractProductInPlace(c, ma, mb);
      assertArrayEquals(new double[s.m * s.n], c.toDoubles(), tolerance);
      assertArrayEquals(a, ma.toDoubles(), 0, "operands stay as they were");
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void energiesAreDouble(Shape s) {
    double[] a = random(s.m, s.n, 3);
    double energy = 0;
    double[] columns = new double[s.n];
    double[] rows = new double[s.m];
    for (int i = 0; i < a.length; i++) {
      energy += a[i] * a[i];
      columns[i / s.m] += a[i] * a[i];
      rows[i % s.m] += a[i] * a[i];
    }
    try (Matrix matrix = matrix(a, s.m, s.n, s.precision)) {
      assertEquals(energy, algebra().energy(matrix), 1e-13 * energy);
      assertArrayEquals(columns, algebra().columnEnergies(matrix), 1e-13 * energy);
      assertArrayEquals(rows, algebra().rowEnergies(matrix), 1e-13 * energy);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void gramMatricesAreDouble(Shape s) {
    double[] a = random(s.m, s.n, 4);
    double[] at = transpose(a, s.m, s.n);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix matrix = scope.own(matrix(a, s.m, s.n, s.precision));
      Matrix gram = scope.own(algebra().gram(matrix));
      assertEquals(Precision.FLOAT64, gram.precision());
      assertArrayEquals(multiply(at, s.n, s.m, a, s.n), gram.toDoubles(), 1e-11);
      double[] start = symmetric(random(s.m, s.m, 5), s.m);
      Matrix outer = scope.own(algebra().fromColumns(start, s.m, s.m));
      algebra().addOuterProductInPlace(outer, matrix, 0.5);
      double[] expected = multiply(a, s.m, s.n, at, s.m);
      for (int i = 0; i < expected.length; i++) {
        expected[i] = start[i] + 0.5 * expected[i];
      }
      assertArrayEquals(expected, outer.toDoubles(), 1e-11);
    }
  }

  private static double[] symmetric(double[] a, int m) {
    double[] at = transpose(a, m, m);
    Arrays.setAll(at, i -> at[i] + a[i]);
    return at;
  }

  /** Of these some backends compute one triangle only. */
  @ParameterizedTest
  @CsvSource({"150, 7", "7, 150", "130, 201", "201, 130"})
  void largeGramMatricesAreSymmetric(int m, int n) {
    double[] a = random(m, n, 4);
    for (Precision precision : Precision.values()) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix matrix = scope.own(matrix(a, m, n, precision));
        double[] stored = matrix.toDoubles();
        double[] storedTransposed = transpose(stored, m, n);
        double[] gram = scope.own(algebra().gram(matrix)).toDoubles();
        assertArrayEquals(multiply(storedTransposed, n, m, stored, n), gram, 1e-11);
        assertArrayEquals(transpose(gram, n, n), gram, 1e-11);
        double[] start = symmetric(random(m, m, 5), m);
        Matrix outer = scope.own(algebra().fromColumns(start, m, m));
        algebra().addOuterProductInPlace(outer, matrix, -2);
        double[] expected = multiply(stored, m, n, storedTransposed, m);
        Arrays.setAll(expected, i -> start[i] - 2 * expected[i]);
        assertArrayEquals(expected, outer.toDoubles(), 1e-11);
        assertArrayEquals(transpose(outer.toDoubles(), m, m), outer.toDoubles(), 1e-11);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void qrReproducesTheMatrix(Shape s) {
    double[] a = random(s.m, s.n, 6);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix matrix = scope.own(matrix(a, s.m, s.n, s.precision));
      LinearAlgebra.Qr qr = scope.own(algebra().qr(matrix));
      int k = Math.min(s.m, s.n);
      assertEquals(k, qr.q().columns());
      assertEquals(s.precision, qr.q().precision());
      assertOrthonormal(qr.q(), tolerance(s.precision));
      double[] product = multiply(qr.q().toDoubles(), s.m, k, qr.r().toDoubles(), s.n);
      assertArrayEquals(a, product, tolerance(s.precision));
      assertArrayEquals(a, matrix.toDoubles(), 0);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void svdDiagonalisesTheOuterProduct(Shape s) {
    double[] a = random(s.m, s.n, 7);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix matrix = scope.own(matrix(a, s.m, s.n, s.precision));
      LinearAlgebra.LeftSvd svd = scope.own(algebra().leftSvd(matrix));
      int k = Math.min(s.m, s.n);
      assertEquals(k, svd.values().length);
      assertOrthonormal(svd.vectors(), tolerance(s.precision));
      double[] u = svd.vectors().toDoubles();
      double[] rotated = multiply(transpose(u, s.m, k), k, s.m, a, s.n);
      double[] diagonal = multiply(rotated, k, s.n, transpose(rotated, k, s.n), k);
      for (int i = 0; i < k; i++) {
        assertTrue(i == 0 || svd.values()[i] <= svd.values()[i - 1], "sorted");
        for (int j = 0; j < k; j++) {
          double expected = i == j ? svd.values()[i] * svd.values()[i] : 0;
          assertEquals(expected, diagonal[i + j * k], 100 * tolerance(s.precision));
        }
      }
    }
  }

  @Test
  void svdOfARankDeficientMatrixStaysOrthonormal() {
    int m = 20;
    double[] left = random(m, 2, 8);
    double[] right = random(2, 9, 9);
    double[] a = multiply(left, m, 2, right, 9);
    for (Precision precision : Precision.values()) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix matrix = scope.own(matrix(a, m, 9, precision));
        LinearAlgebra.LeftSvd svd = scope.own(algebra().leftSvd(matrix));
        assertOrthonormal(svd.vectors(), tolerance(precision));
        assertEquals(0, svd.values()[2], 10 * tolerance(precision));
        LinearAlgebra.Qr qr = scope.own(algebra().qr(matrix));
        assertOrthonormal(qr.q(), tolerance(precision));
      }
    }
  }

  @Test
  void eigenvaluesOfASymmetricMatrix() {
    int n = 24;
    double[] a = random(n, n, 10);
    double[] g = multiply(transpose(a, n, n), n, n, a, n);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix matrix = scope.own(algebra().fromColumns(g, n, n));
      LinearAlgebra.Eigen eigen = scope.own(algebra().symmetricEigen(matrix));
      assertArrayEquals(eigen.values(), algebra().symmetricEigenvalues(matrix), 1e-10);
      assertOrthonormal(eigen.vectors(), 1e-12);
      double[] v = eigen.vectors().toDoubles();
      double[] scaled = v.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= eigen.values()[i / n];
      }
      assertArrayEquals(g, multiply(scaled, n, n, transpose(v, n, n), n), 1e-10);
      for (int i = 1; i < n; i++) {
        assertTrue(eigen.values()[i] <= eigen.values()[i - 1], "largest first");
      }
    }
  }

  @Test
  void nanIsNotLostWhereAColumnIsScaledByZero() {
    for (double odd : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      for (Precision precision : Precision.values()) {
        try (MatrixScope scope = new MatrixScope()) {
          Matrix a = scope.own(matrix(new double[] {1, odd, 2, 3}, 2, 2, precision));
          double[] scaled = scope.own(algebra().scaleColumns(a, new double[] {0, 1})).toDoubles();
          assertArrayEquals(new double[] {0, Double.NaN, 2, 3}, scaled);
        }
      }
    }
  }

  /** Rank 9 of 40 times a scale, so that most eigenvalues are one many times over. */
  private static double[] gramOfLowRank(int n, double scale) {
    double[] a = random(9, n, 11);
    double[] g = multiply(transpose(a, 9, n), n, 9, a, n);
    for (int i = 0; i < g.length; i++) {
      g[i] *= scale;
    }
    return g;
  }

  @Test
  void leadingEigenvectorsAreThoseThatAreAskedFor() {
    int n = 40;
    for (double scale : new double[] {1, 1e-200, 1e200, 0}) {
      for (int count : new int[] {0, 1, 5, 9, 20, n}) {
        double[] g = gramOfLowRank(n, scale);
        try (MatrixScope scope = new MatrixScope()) {
          Matrix matrix = scope.own(algebra().fromColumns(g, n, n));
          LinearAlgebra.Eigen eigen =
              scope.own(
                  algebra()
                      .symmetricEigen(
                          matrix,
                          values -> {
                            assertEquals(n, values.length);
                            return count;
                          }));
          double tolerance = 1e-12 * scale;
          double[] values = algebra().symmetricEigenvalues(matrix);
          assertArrayEquals(values, eigen.values(), tolerance * n);
          assertEquals(count, eigen.vectors().columns());
          assertOrthonormal(eigen.vectors(), 1e-12);
          double[] v = eigen.vectors().toDoubles();
          double[] turned = multiply(g, n, n, v, count);
          for (int i = 0; i < v.length; i++) {
            assertEquals(values[i / n] * v[i], turned[i], tolerance * n);
          }
          assertArrayEquals(g, matrix.toDoubles(), 0, "not modified");
        }
      }
    }
  }

  @Test
  void zeroMatricesHaveZeroValuesAndOrthonormalVectors() {
    for (Precision precision : Precision.values()) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix zero = scope.own(algebra().zeros(6, 4, precision));
        LinearAlgebra.LeftSvd svd = scope.own(algebra().leftSvd(zero));
        assertArrayEquals(new double[4], svd.values());
        assertOrthonormal(svd.vectors(), 1e-12);
        assertEquals(0, algebra().energy(zero));
      }
    }
  }

  @Test
  void emptyMatricesAreHarmless() {
    LinearAlgebra la = algebra();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix none = scope.own(la.zeros(5, 0, Precision.FLOAT64));
      Matrix some = scope.own(la.fromColumns(random(5, 3, 11), 5, 3));
      assertEquals(0, scope.own(la.transposedProduct(none, some)).rows());
      Matrix y = scope.own(la.zeros(0, 3, Precision.FLOAT64));
      assertArrayEquals(new double[15], scope.own(la.product(none, y)).toDoubles());
      la.subtractProductInPlace(some, none, y);
      assertArrayEquals(random(5, 3, 11), some.toDoubles());
      assertArrayEquals(
          random(5, 3, 11), scope.own(la.concatenate(List.of(none, some))).toDoubles());
      assertEquals(0, scope.own(la.qr(none)).q().columns());
      assertEquals(0, scope.own(la.leftSvd(none)).values().length);
      assertEquals(0, la.energy(none));
    }
  }

  @Test
  void columnsConcatenateAndScale() {
    LinearAlgebra la = algebra();
    double[] a = random(4, 6, 12);
    for (Precision precision : Precision.values()) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix matrix = scope.own(matrix(a, 4, 6, precision));
        Matrix left = scope.own(la.columns(matrix, 0, 2));
        Matrix right = scope.own(la.columns(matrix, 2, 6));
        assertArrayEquals(a, scope.own(la.concatenate(List.of(left, right))).toDoubles());
        Matrix swapped = scope.own(la.selectColumns(matrix, new int[] {5, 0}));
        Matrix first = scope.own(la.columns(matrix, 5, 6));
        Matrix second = scope.own(la.columns(matrix, 0, 1));
        assertArrayEquals(
            scope.own(la.concatenate(List.of(first, second))).toDoubles(), swapped.toDoubles());
        double[] factors = {1, 2, -1, 0, 0.5, 4};
        double[] expected = a.clone();
        for (int i = 0; i < expected.length; i++) {
          expected[i] *= factors[i / 4];
        }
        assertArrayEquals(expected, scope.own(la.scaleColumns(matrix, factors)).toDoubles(), 1e-15);
      }
    }
  }

  @Test
  void extremeScalesKeepTheirEnergy() {
    for (double scale : new double[] {1e-150, 1e-20, 1e20, 1e150}) {
      double[] a = random(8, 3, 13);
      double energy = 0;
      for (int i = 0; i < a.length; i++) {
        a[i] *= scale;
        energy += a[i] * a[i];
      }
      try (MatrixScope scope = new MatrixScope()) {
        Matrix matrix = scope.own(algebra().fromColumns(a, 8, 3));
        assertEquals(energy, algebra().energy(matrix), 1e-13 * energy);
        double sum = 0;
        for (double value : scope.own(algebra().leftSvd(matrix)).values()) {
          sum += value * value;
        }
        assertEquals(energy, sum, 1e-12 * energy);
      }
    }
  }

  @Test
  void wrongShapesAreNamed() {
    LinearAlgebra la = algebra();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(la.zeros(3, 2, Precision.FLOAT64));
      Matrix b = scope.own(la.zeros(3, 2, Precision.FLOAT32));
      String inner =
          assertThrows(IllegalArgumentException.class, () -> la.product(a, a)).getMessage();
      assertEquals("product: inner sizes differ, 3x2 float64 and 3x2 float64", inner);
      String mixed =
          assertThrows(IllegalArgumentException.class, () -> la.transposedProduct(a, b))
              .getMessage();
      assertEquals("transposedProduct: precisions differ, 3x2 float64 and 3x2 float32", mixed);
      assertThrows(IllegalArgumentException.class, () -> la.fromColumns(new double[5], 3, 2));
      assertThrows(IllegalArgumentException.class, () -> la.columns(a, 1, 3));
      assertThrows(IllegalArgumentException.class, () -> la.symmetricEigen(a));
      assertThrows(IllegalArgumentException.class, () -> la.symmetricEigen(a, values -> 0));
      Matrix square = scope.own(la.fromColumns(new double[] {1, 0, 0, 1}, 2, 2));
      assertThrows(IllegalArgumentException.class, () -> la.symmetricEigen(square, values -> 3));
      assertThrows(IllegalArgumentException.class, () -> la.concatenate(List.of()));
    }
  }
}
