package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.List;

/**
 * A basis that is stored already, for blocks that come later: m×r, exactly as its bytes say.
 *
 * <p>Its columns are orthonormal but for rounding, except that directions which blocks once added
 * for themselves need not be orthogonal to each other. Of such columns only those count that are
 * nearly orthogonal to all that count before them: the <em>usable</em> ones. Blocks are encoded on
 * these as they are stored; what they capture is estimated on an orthonormal basis of the same
 * space. Both are closed with this.
 */
public final class GivenBasis implements AutoCloseable {

  /** Columns from double precision are orthonormal to about this. */
  private static final double LEAST_TOLERANCE = 1e-6;

  private final int rank;
  private final int[] usable;
  private final Matrix columns;
  private final Matrix directions;

  private GivenBasis(int rank, int[] usable, Matrix columns, Matrix directions) {
    this.rank = rank;
    this.usable = usable;
    this.columns = columns;
    this.directions = directions;
  }

  /**
   * Finds the usable columns.
   *
   * @param stored m×r FLOAT64, what the bytes of the basis say; not modified
   * @param format the format of these bytes
   */
  public static GivenBasis of(LinearAlgebra la, Matrix stored, StorageFormat format) {
    // Rounding turns an inner product of unit vectors by at most twice the unit roundoff.
    double tolerance = Math.max(LEAST_TOLERANCE, 4 * format.unitRoundoff());
    int r = stored.columns();
    double[] gram;
    try (Matrix product = la.gram(stored)) {
      gram = product.toDoubles();
    }
    List<Integer> usable = new ArrayList<>();
    for (int i = 0; i < r && usable.size() < stored.rows(); i++) {
      // Of what is not a number nothing is within the tolerance.
      boolean fits = Math.abs(gram[i + i * r] - 1) <= tolerance;
      for (int k = 0; k < usable.size() && fits; k++) {
        fits = Math.abs(gram[usable.get(k) + i * r]) <= tolerance;
      }
      if (fits) {
        usable.add(i);
      }
    }
    int[] numbers = usable.stream().mapToInt(Integer::intValue).toArray();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix columns = scope.own(la.selectColumns(stored, numbers));
      Matrix directions =
          scope.own(
              numbers.length == 0 ? la.selectColumns(stored, numbers) : orthonormal(la, columns));
      return new GivenBasis(r, numbers, scope.release(columns), scope.release(directions));
    }
  }

  private static Matrix orthonormal(LinearAlgebra la, Matrix columns) {
    LinearAlgebra.Qr qr = la.qr(columns);
    qr.r().close();
    return qr.q();
  }

  /** r, how many columns are stored. */
  int rank() {
    return rank;
  }

  /** The number of a usable column among those that are stored. */
  int number(int usableColumn) {
    return usable[usableColumn];
  }

  /** The usable columns as they are stored: m×q FLOAT64; to be read only. */
  Matrix columns() {
    return columns;
  }

  /** An orthonormal basis of the usable columns: m×q FLOAT64; to be read only. */
  public Matrix directions() {
    return directions;
  }

  @Override
  public void close() {
    columns.close();
    directions.close();
  }
}
