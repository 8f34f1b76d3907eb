package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.List;

/**
 * ‖U_aᵀU_b‖_F² of one orthonormal basis with each of many, by few products: the others lie side by
 * side in pieces of a few thousand columns.
 */
final class Overlaps implements AutoCloseable {

  private static final int PIECE_COLUMNS = 4096;

  /** Takes what a basis has in common with another. */
  interface Visitor {
    void visit(int number, double common);
  }

  /**
   * How much of the smaller of two bases lies in the larger beyond what random ones of their ranks
   * have in common, which is r_a·r_b/m: about 0 by chance, 1 where all of it does.
   *
   * @param common ‖U_aᵀU_b‖_F²
   * @param rows m
   */
  static double beyondChance(double common, int rankA, int rankB, int rows) {
    int smaller = Math.min(rankA, rankB);
    double byChance = (double) rankA * rankB / rows;
    return byChance < smaller ? (common - byChance) / (smaller - byChance) : 1;
  }

  private record Piece(List<Integer> numbers, List<Integer> widths, Matrix bases) {}

  private final LinearAlgebra la;
  private final List<Piece> pieces = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();
  private final List<Matrix> waiting = new ArrayList<>();
  private int width;

  Overlaps(LinearAlgebra la) {
    this.la = la;
  }

  /**
   * One more basis.
   *
   * @param basis m×r, copied
   */
  void add(int number, Matrix basis) {
    numbers.add(number);
    waiting.add(la.columns(basis, 0, basis.columns()));
    width += basis.columns();
    if (width >= PIECE_COLUMNS) {
      close(waiting);
    }
  }

  private void close(List<Matrix> bases) {
    if (bases.isEmpty()) {
      return;
    }
    pieces.add(
        new Piece(
            List.copyOf(numbers),
            bases.stream().map(Matrix::columns).toList(),
            la.concatenate(bases)));
    bases.forEach(Matrix::close);
    bases.clear();
    numbers.clear();
    width = 0;
  }

  /** What a basis has in common with each that was added. */
  void visit(Matrix basis, Visitor visitor) {
    close(waiting);
    for (Piece piece : pieces) {
      try (MatrixScope scope = new MatrixScope()) {
        double[] columns = la.columnEnergies(scope.own(la.transposedProduct(basis, piece.bases)));
        int at = 0;
        for (int i = 0; i < piece.numbers.size(); i++) {
          double common = 0;
          for (int end = at + piece.widths.get(i); at < end; at++) {
            common += columns[at];
          }
          visitor.visit(piece.numbers.get(i), common);
        }
      }
    }
  }

  @Override
  public void close() {
    pieces.forEach(piece -> piece.bases.close());
    waiting.forEach(Matrix::close);
    pieces.clear();
    waiting.clear();
  }
}
