package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.memory.PayloadNeed;
import java.util.List;
import java.util.Optional;

/**
 * A file to be written.
 *
 * @param path where, below the output directory
 * @param tensors in the order of their data
 */
record FilePlan(String path, List<Tensor> tensors) {

  long sizeBytes() {
    return tensors.stream().mapToLong(tensor -> tensor.header().sizeBytes()).sum();
  }

  /** The memory that its most demanding piece takes while it is written. */
  PayloadNeed need() {
    PayloadNeed most = PayloadNeed.NOTHING;
    for (Tensor tensor : tensors) {
      for (Piece piece : tensor.pieces()) {
        if (piece instanceof Product product) {
          long whole = product.whole().map(each -> (long) each.channels().size()).orElse(0L);
          most =
              most.max(
                  PayloadNeed.reconstruct(
                      product.rows(), product.columns(), product.rank(), whole));
        }
      }
    }
    return most;
  }

  /**
   * A tensor of that file.
   *
   * @param source the URI of the file it came from, for messages
   * @param pieces one after another they are its payload, if there are no widths
   * @param widths the columns of each piece, if the pieces lie side by side in a row-major matrix;
   *     empty otherwise
   */
  record Tensor(
      String source, String name, DType dtype, Shape shape, List<Piece> pieces, List<Long> widths) {
    TensorHeader header() {
      return new TensorHeader(name, dtype, shape);
    }
  }

  /** A range of the payload of a tensor. */
  sealed interface Piece {}

  /** Bytes that are stored as they were. */
  record Copy(TensorLocation data) implements Piece {}

  /**
   * The numbers of scale·U·C in the order of {@code layout}; zeros if the rank is 0.
   *
   * @param basis where U is: rows × rank
   * @param coefficients where C is: a row for each column of U that the block uses
   * @param use which these are; nothing if all
   * @param whole columns that take the place of those of the product, which then has none for them
   */
  record Product(
      long rows,
      long columns,
      int rank,
      Layout layout,
      Optional<TensorLocation> basis,
      Optional<TensorLocation> coefficients,
      Optional<Use> use,
      double scale,
      Optional<SparseEntry> whole)
      implements Piece {}

  /**
   * Where it is written which columns of its basis a block uses.
   *
   * @param blocks how many the mask is about
   * @param number which of them it is
   */
  record Use(TensorLocation mask, long blocks, int number) {}
}
