package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.Work.Decomposition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is measured computes as before, and everything is counted. */
class MeasuredLinearAlgebraReferenceTest extends LinearAlgebraContract {

  private static final LinearAlgebra ALGEBRA =
      new MeasuredLinearAlgebra(new Nd4jLinearAlgebra(), new Work(rows -> {}));

  @Override
  LinearAlgebra algebra() {
    return ALGEBRA;
  }

  @Test
  void productsAreCountedByTheirShapes() {
    Work work = new Work(rows -> {});
    LinearAlgebra la = new MeasuredLinearAlgebra(new ReferenceLinearAlgebra(), work);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(random(la, 5, 7));
      Matrix b = scope.own(random(la, 7, 3));
      Matrix c = scope.own(random(la, 5, 3));
      Matrix d = scope.own(random(la, 11, 7));
      Matrix g = scope.own(la.zeros(5, 5, Precision.FLOAT64));

      scope.own(la.product(a, b));
      assertEquals(2 * 5 * 7 * 3, work.productOperations());
      scope.own(la.transposedProduct(a, c));
      assertEquals(2 * (5 * 7 * 3 + 7 * 3 * 5), work.productOperations());
      scope.own(la.productTransposed(a, d));
      la.subtractProductInPlace(c, a, b);
      scope.own(la.gram(a));
      la.addOuterProductInPlace(g, a, 1);

      assertEquals(
          2 * (5 * 7 * 3 + 7 * 3 * 5 + 5 * 11 * 7 + 5 * 3 * 7 + 7 * 7 * 5 + 5 * 5 * 7),
          work.productOperations());
      assertEquals(6, work.products());
      assertTrue(work.productNanos() > 0);
      assertEquals(0, work.decompositions(Decomposition.QR));
    }
  }

  @Test
  void decompositionsAreCountedByTheirKind() {
    List<Integer> sizes = new ArrayList<>();
    Work work = new Work(sizes::add);
    LinearAlgebra la = new MeasuredLinearAlgebra(new ReferenceLinearAlgebra(), work);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(random(la, 6, 4));
      Matrix g = scope.own(la.gram(a));
      scope.own(la.qr(a));
      scope.own(la.leftSvd(a));
      scope.own(la.leftSvd(a));
      scope.own(la.symmetricEigen(g));
      la.symmetricEigenvalues(g);
      la.symmetricEigenvalues(
          scope.own(la.columns(scope.own(la.zeros(2, 2, Precision.FLOAT64)), 0, 2)));
    }

    assertEquals(1, work.decompositions(Decomposition.QR));
    assertEquals(2, work.decompositions(Decomposition.SVD));
    assertEquals(3, work.decompositions(Decomposition.EIGEN));
    assertEquals(List.of(4, 4, 2), sizes);
    assertEquals(1, work.products());
    Arrays.stream(Decomposition.values())
        .forEach(each -> assertTrue(work.decompositionNanos(each) > 0));
  }

  private static Matrix random(LinearAlgebra la, int rows, int columns) {
    double[] values =
        new Random(rows + 31L * columns).doubles((long) rows * columns, -1, 1).toArray();
    return la.fromColumns(values, rows, columns);
  }
}
