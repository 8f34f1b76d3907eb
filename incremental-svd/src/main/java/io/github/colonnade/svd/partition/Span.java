package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.List;

/**
 * An orthonormal basis that grows.
 *
 * <p>It is in parts, of which the last ones are put together when they have become many: a matrix
 * that grows by a column at a time would be copied each time.
 */
final class Span implements AutoCloseable {

  private static final int FEWEST_COLUMNS = 32;

  private final LinearAlgebra la;

  // Invariant: side by side, the parts have orthonormal columns, so many as `columns` says.
  private final List<Matrix> parts = new ArrayList<>();
  private int columns;

  Span(LinearAlgebra la) {
    this.la = la;
  }

  int columns() {
    return columns;
  }

  /**
   * @param directions orthonormal, and orthogonal to all that is there; owned by this from now on
   */
  void append(Matrix directions) {
    columns += directions.columns();
    parts.add(directions);
    while (parts.size() > 1 && lastAreMany()) {
      Matrix last = parts.remove(parts.size() - 1);
      Matrix before = parts.remove(parts.size() - 1);
      parts.add(la.concatenate(List.of(before, last)));
      before.close();
      last.close();
    }
  }

  /** Whether the last part is small, or not much smaller than the one before. */
  private boolean lastAreMany() {
    int last = parts.get(parts.size() - 1).columns();
    int before = parts.get(parts.size() - 2).columns();
    return before < FEWEST_COLUMNS || (last >= FEWEST_COLUMNS && 2 * last >= before);
  }

  /** (I − QQᵀ)A, orthogonalised twice. */
  Matrix residual(Matrix a) {
    return Estimators.residual(la, parts, a);
  }

  @Override
  public void close() {
    parts.forEach(Matrix::close);
    parts.clear();
    columns = 0;
  }
}
