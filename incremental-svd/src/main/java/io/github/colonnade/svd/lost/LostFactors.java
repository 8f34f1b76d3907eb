package io.github.colonnade.svd.lost;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import org.roaringbitmap.RoaringBitmap;

/**
 * A low-rank part B·A and whole columns S for a few channels I of a matrix W: out×in.
 *
 * <p>What they mean is up to their maker. As an approximation, W ≈ B·A + scatter(S), where
 * scatter(S) is out×in with the columns of S at the channels and 0 elsewhere ({@link #dense}). As
 * the factors of a layer, S are columns of W itself, and both parts are weighed ({@link
 * LostLayer}).
 *
 * <p>Owns its matrices.
 */
public final class LostFactors implements AutoCloseable {

  private final Matrix b;
  private final Matrix a;
  private final Matrix columns;
  private final RoaringBitmap channels;

  /**
   * Takes the ownership of the matrices, also if it throws.
   *
   * @param b B: out×r
   * @param a A: r×in, of the precision of B
   * @param columns S: out×k, of the same precision; column j belongs to the channel number j of
   *     {@code channels} in ascending order
   * @param channels I: k numbers from 0 to in − 1; copied
   */
  public LostFactors(Matrix b, Matrix a, Matrix columns, RoaringBitmap channels) {
    this.b = b;
    this.a = a;
    this.columns = columns;
    this.channels = channels.clone();
    try {
      check();
    } catch (IllegalArgumentException e) {
      close();
      throw e;
    }
  }

  private void check() {
    int k = channels.getCardinality();
    if (b.columns() != a.rows()) {
      throw new IllegalArgumentException(
          "B has " + b.columns() + " columns, A has " + a.rows() + " rows");
    }
    if (columns.rows() != b.rows() || columns.columns() != k) {
      throw new IllegalArgumentException(
          String.format(
              "the sparse columns are %d×%d, expected %d×%d",
              columns.rows(), columns.columns(), b.rows(), k));
    }
    // Numbers above 2^31 count as negative.
    if (k > 0 && (channels.last() < 0 || channels.last() >= a.columns())) {
      throw new IllegalArgumentException(
          "channel "
              + Integer.toUnsignedString(channels.last())
              + " is not one of "
              + a.columns()
              + ", counted from 0");
    }
    if (a.precision() != b.precision() || columns.precision() != b.precision()) {
      throw new IllegalArgumentException("B, A and the sparse columns differ in precision");
    }
  }

  /** The rows of W. */
  public int out() {
    return b.rows();
  }

  /** The columns of W. */
  public int in() {
    return a.columns();
  }

  /** r. */
  public int rank() {
    return b.columns();
  }

  /** B: out×r, to be read only, closed with these factors. */
  public Matrix b() {
    return b;
  }

  /** A: r×in, to be read only, closed with these factors. */
  public Matrix a() {
    return a;
  }

  /** S: out×k, to be read only, closed with these factors. */
  public Matrix columns() {
    return columns;
  }

  /** I, a copy. */
  public RoaringBitmap channels() {
    return channels.clone();
  }

  /** I in ascending order. */
  public int[] channelNumbers() {
    return channels.toArray();
  }

  /** B·A + scatter(S): out×in in the precision of the factors, closed by the caller. */
  public Matrix dense(LinearAlgebra la) {
    try (MatrixScope scope = new MatrixScope()) {
      double[] dense = scope.own(la.product(b, a)).toDoubles();
      double[] sparse = columns.toDoubles();
      int[] numbers = channelNumbers();
      int m = out();
      for (int j = 0; j < numbers.length; j++) {
        for (int i = 0; i < m; i++) {
          dense[numbers[j] * m + i] += sparse[j * m + i];
        }
      }
      Matrix exact = scope.own(la.fromColumns(dense, m, in()));
      return la.cast(exact, b.precision());
    }
  }

  @Override
  public void close() {
    b.close();
    a.close();
    columns.close();
  }
}
