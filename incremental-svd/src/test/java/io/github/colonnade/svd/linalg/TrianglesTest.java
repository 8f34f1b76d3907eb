package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrianglesTest {

  private final Nd4jLinearAlgebra la = new Nd4jLinearAlgebra(new HostBackend());

  private static double[] upper(int n) {
    double[] a = new double[n * n];
    Random random = new Random(n);
    for (int j = 0; j < n; j++) {
      for (int i = 0; i <= j; i++) {
        a[i + j * n] = random.nextGaussian();
      }
      Arrays.fill(a, j * n + j + 1, (j + 1) * n, Double.NaN);
    }
    return a;
  }

  private static double[] symmetric(double[] upper, int n) {
    double[] a = upper.clone();
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < j; i++) {
        a[j + i * n] = a[i + j * n];
      }
    }
    return a;
  }

  private NativeMatrix ofUpper(double[] upper, int n) {
    NativeMatrix matrix = NativeMatrix.of(la.fromColumns(upper, n, n));
    matrix.keepUpperTriangle();
    return matrix;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 64, 100, 101, 130, 256})
  void theOtherTriangleIsThereWhenItIsAskedFor(int n) {
    double[] upper = upper(n);
    try (NativeMatrix matrix = ofUpper(upper, n);
        Matrix copy = la.columns(matrix, 0, n)) {
      assertArrayEquals(symmetric(upper, n), copy.toDoubles());
      assertArrayEquals(symmetric(upper, n), matrix.toDoubles());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9, 130})
  void eigenvaluesNeedOneTriangle(int n) {
    double[] upper = upper(n);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix matrix = scope.own(ofUpper(upper, n));
      Matrix whole = scope.own(la.fromColumns(symmetric(upper, n), n, n));
      LinearAlgebra.Eigen expected = scope.own(la.symmetricEigen(whole));
      assertArrayEquals(expected.values(), la.symmetricEigenvalues(matrix), 1e-12 * n);
      LinearAlgebra.Eigen all = scope.own(la.symmetricEigen(matrix));
      assertArrayEquals(expected.values(), all.values());
      assertArrayEquals(expected.vectors().toDoubles(), all.vectors().toDoubles());
      LinearAlgebra.Eigen first = scope.own(la.symmetricEigen(matrix, values -> 1));
      assertEquals(1, first.vectors().columns());
      assertEquals(1, la.energy(first.vectors()), 1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 80})
  void oneTriangleIsAddedTo(int n) {
    double[] upper = upper(n);
    double[] column = new Random(1).doubles(n).toArray();
    double[] expected = symmetric(upper, n);
    for (int i = 0; i < expected.length; i++) {
      expected[i] += 2 * column[i % n] * column[i / n];
    }
    try (NativeMatrix matrix = ofUpper(upper, n);
        Matrix a = la.fromColumns(column, n, 1)) {
      la.addOuterProductInPlace(matrix, a, 2);
      assertArrayEquals(expected, matrix.toDoubles(), 1e-14);
    }
  }
}
