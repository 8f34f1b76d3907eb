package io.github.colonnade.svd.linalg;

import io.github.colonnade.svd.linalg.Work.Decomposition;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * Another linear algebra whose products and decompositions are counted and timed. Copies,
 * conversions and energies are not.
 *
 * <p>For one thread at a time. It costs a few nanoseconds for each, and for those that are not tiny
 * two readings of the clock.
 */
public final class MeasuredLinearAlgebra implements LinearAlgebra {

  private final LinearAlgebra la;
  private final Work work;

  /**
   * @param la does all the work, and is closed with this; its matrices may be given to this one and
   *     the other way round
   */
  public MeasuredLinearAlgebra(LinearAlgebra la, Work work) {
    this.la = la;
    this.work = work;
  }

  @Override
  public String name() {
    return la.name();
  }

  @Override
  public Matrix zeros(int rows, int columns, Precision precision) {
    return la.zeros(rows, columns, precision);
  }

  @Override
  public Matrix fromColumns(double[] elements, int rows, int columns) {
    return la.fromColumns(elements, rows, columns);
  }

  @Override
  public Matrix fromColumns(float[] elements, int rows, int columns) {
    return la.fromColumns(elements, rows, columns);
  }

  @Override
  public Matrix cast(Matrix a, Precision precision) {
    return la.cast(a, precision);
  }

  @Override
  public Matrix columns(Matrix a, int from, int to) {
    return la.columns(a, from, to);
  }

  @Override
  public Matrix selectColumns(Matrix a, int[] columns) {
    return la.selectColumns(a, columns);
  }

  @Override
  public Matrix concatenate(List<Matrix> matrices) {
    return la.concatenate(matrices);
  }

  @Override
  public Matrix scaleColumns(Matrix a, double[] factors) {
    return la.scaleColumns(a, factors);
  }

  @Override
  public Matrix product(Matrix a, Matrix b) {
    long begun = work.beginProduct(a.rows(), b.columns(), a.columns());
    Matrix result = la.product(a, b);
    work.endProduct(begun);
    return result;
  }

  @Override
  public Matrix transposedProduct(Matrix a, Matrix b) {
    long begun = work.beginProduct(a.columns(), b.columns(), a.rows());
    Matrix result = la.transposedProduct(a, b);
    work.endProduct(begun);
    return result;
  }

  @Override
  public Matrix productTransposed(Matrix a, Matrix b) {
    long begun = work.beginProduct(a.rows(), b.rows(), a.columns());
    Matrix result = la.productTransposed(a, b);
    work.endProduct(begun);
    return result;
  }

  @Override
  public void subtractProductInPlace(Matrix c, Matrix a, Matrix b) {
    long begun = work.beginProduct(a.rows(), b.columns(), a.columns());
    la.subtractProductInPlace(c, a, b);
    work.endProduct(begun);
  }

  @Override
  public double energy(Matrix a) {
    return la.energy(a);
  }

  @Override
  public double[] columnEnergies(Matrix a) {
    return la.columnEnergies(a);
  }

  @Override
  public double[] rowEnergies(Matrix a) {
    return la.rowEnergies(a);
  }

  @Override
  public void addOuterProductInPlace(Matrix g, Matrix a, double weight) {
    long begun = work.beginProduct(a.rows(), a.rows(), a.columns());
    la.addOuterProductInPlace(g, a, weight);
    work.endProduct(begun);
  }

  @Override
  public Matrix gram(Matrix a) {
    long begun = work.beginProduct(a.columns(), a.columns(), a.rows());
    Matrix result = la.gram(a);
    work.endProduct(begun);
    return result;
  }

  @Override
  public Qr qr(Matrix a) {
    long begun = work.beginDecomposition(Decomposition.QR, a);
    Qr result = la.qr(a);
    work.endDecomposition(Decomposition.QR, begun);
    return result;
  }

  @Override
  public LeftSvd leftSvd(Matrix a) {
    long begun = work.beginDecomposition(Decomposition.SVD, a);
    LeftSvd result = la.leftSvd(a);
    work.endDecomposition(Decomposition.SVD, begun);
    return result;
  }

  @Override
  public Eigen symmetricEigen(Matrix g) {
    long begun = work.beginDecomposition(Decomposition.EIGEN, g);
    Eigen result = la.symmetricEigen(g);
    work.endDecomposition(Decomposition.EIGEN, begun);
    return result;
  }

  @Override
  public Eigen symmetricEigen(Matrix g, ToIntFunction<double[]> count) {
    long begun = work.beginDecomposition(Decomposition.EIGEN, g);
    Eigen result = la.symmetricEigen(g, count);
    work.endDecomposition(Decomposition.EIGEN, begun);
    return result;
  }

  @Override
  public double[] symmetricEigenvalues(Matrix g) {
    long begun = work.beginDecomposition(Decomposition.EIGEN, g);
    double[] result = la.symmetricEigenvalues(g);
    work.endDecomposition(Decomposition.EIGEN, begun);
    return result;
  }

  @Override
  public void close() {
    la.close();
  }
}
