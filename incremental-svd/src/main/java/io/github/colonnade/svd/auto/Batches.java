package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The factors of some blocks side by side, in pieces of a few thousand columns, so that a basis is
 * tried on all of them by few products.
 */
final class Batches implements AutoCloseable {

  private static final int BATCH_COLUMNS = 4096;

  /** Below this limit a difference of float32 energies says nothing, and the residual is formed. */
  private static final double DIFFERENCE_LIMIT = 0.01;

  private record Batch(int[] positions, Matrix factors) {}

  /** Takes what one block has inside and outside a basis. */
  interface Visitor {

    /**
     * One block.
     *
     * @param position of the block
     * @param rows ‖q_iᵀA_j‖² for each direction; reused after the call
     * @param outside ‖(I − QQᵀ)A_j‖², what the sketch dropped included
     */
    void visit(int position, double[] rows, double outside);
  }

  private final Blocks blocks;
  private final LinearAlgebra la;
  private final List<Batch> batches = new ArrayList<>();

  Batches(Blocks blocks, int[] positions) {
    this.blocks = blocks;
    this.la = blocks.la;
    add(positions, 0);
  }

  private void add(int[] positions, int at) {
    int from = 0;
    int index = at;
    while (from < positions.length) {
      int to = from;
      long width = 0;
      while (to < positions.length
          && (to == from || width + blocks.factor(positions[to]).columns() <= BATCH_COLUMNS)) {
        width += blocks.factor(positions[to]).columns();
        to++;
      }
      int[] part = Arrays.copyOfRange(positions, from, to);
      batches.add(index++, new Batch(part, blocks.concatenated(part)));
      from = to;
    }
  }

  /** Forgets the others; pieces are made anew when half of them is gone. */
  void retain(boolean[] wanted) {
    for (int b = batches.size() - 1; b >= 0; b--) {
      Batch batch = batches.get(b);
      int[] left = Arrays.stream(batch.positions).filter(j -> wanted[j]).toArray();
      if (left.length <= batch.positions.length / 2) {
        batch.factors.close();
        batches.remove(b);
        if (left.length > 0) {
          batches.add(b, new Batch(left, blocks.concatenated(left)));
        }
      }
    }
  }

  /** What of each block lies along and outside Q: m×r orthonormal. */
  void project(Matrix q, Visitor visitor) {
    int rank = q.columns();
    double[] rows = new double[rank];
    for (Batch batch : batches) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix p = scope.own(la.transposedProduct(q, batch.factors));
        double[] formed = formed(q, p, batch, scope);
        float[] values = p.toFloats();
        int at = 0;
        int column = 0;
        for (int j : batch.positions) {
          Arrays.fill(rows, 0);
          double inside = 0;
          double outside = 0;
          for (int end = column + blocks.factor(j).columns(); column < end; column++) {
            for (int i = 0; i < rank; i++, at++) {
              rows[i] += (double) values[at] * values[at];
            }
            outside += formed.length == 0 ? 0 : formed[column];
          }
          for (double row : rows) {
            inside += row;
          }
          visitor.visit(
              j,
              rows,
              formed.length == 0
                  ? Math.max(0, blocks.energies[j] - inside)
                  : outside + blocks.spectrum(j).droppedEnergy());
        }
      }
    }
  }

  /** ‖(I − QQᵀ)A_j‖² by position, what sketches dropped included; 0 for blocks not here. */
  double[] residualEnergies(Matrix q) {
    double[] residuals = new double[blocks.count];
    for (Batch batch : batches) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix p = scope.own(la.transposedProduct(q, batch.factors));
        double[] formed = formed(q, p, batch, scope);
        double[] perColumn = formed.length == 0 ? la.columnEnergies(p) : formed;
        int column = 0;
        for (int j : batch.positions) {
          double sum = 0;
          for (int end = column + blocks.factor(j).columns(); column < end; column++) {
            sum += perColumn[column];
          }
          residuals[j] =
              formed.length == 0
                  ? Math.max(0, blocks.energies[j] - sum)
                  : sum + blocks.spectrum(j).droppedEnergy();
        }
      }
    }
    return residuals;
  }

  /** Whether energies are exact enough to be subtracted from one another at the limit. */
  static boolean differencesTell(Blocks blocks) {
    return blocks.precision != Precision.FLOAT32 || blocks.limit() >= DIFFERENCE_LIMIT;
  }

  /** The residual energy of each column where differences would say nothing; else empty. */
  private double[] formed(Matrix q, Matrix p, Batch batch, MatrixScope scope) {
    if (differencesTell(blocks)) {
      return new double[0];
    }
    Matrix residual = scope.own(la.cast(batch.factors, blocks.precision));
    la.subtractProductInPlace(residual, q, p);
    return la.columnEnergies(residual);
  }

  /** G + Σ A_j·A_jᵀ for G: m×m FLOAT64. */
  void addOuterProducts(Matrix gram) {
    batches.forEach(batch -> la.addOuterProductInPlace(gram, batch.factors, 1));
  }

  /** Σ A_j·(A_jᵀ·Q), m×r. */
  Matrix turned(Matrix q) {
    double[] sum = new double[q.rows() * q.columns()];
    for (Batch batch : batches) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix p = scope.own(la.transposedProduct(batch.factors, q));
        double[] part = scope.own(la.product(batch.factors, p)).toDoubles();
        for (int i = 0; i < part.length; i++) {
          sum[i] += part[i];
        }
      }
    }
    try (Matrix doubles = la.fromColumns(sum, q.rows(), q.columns())) {
      return la.cast(doubles, blocks.precision);
    }
  }

  @Override
  public void close() {
    batches.forEach(batch -> batch.factors.close());
    batches.clear();
  }
}
