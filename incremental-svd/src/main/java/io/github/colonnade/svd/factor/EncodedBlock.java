package io.github.colonnade.svd.factor;

import java.util.OptionalDouble;

/**
 * The coefficients of one block: A ≈ scale·U·C, U: the directions that it uses.
 *
 * <p>A block may keep some columns I as they are; C then has a column for each of the others, and
 * scale·U·C is about these.
 *
 * @param position the block's number in its family
 * @param rows how many directions of the basis it uses, k
 * @param coefficients C: k×n in the storage format, row after row, or {@link SparseCoefficients}
 * @param sparse whether only some coefficients are stored
 * @param scale a power of two, 1 unless the format's range makes another necessary
 * @param error ‖A − scale·U·C‖_F / ‖A‖_F, measured in double on the stored bytes; 0 for a zero
 *     block
 * @param weightedError ‖(A − scale·U·C)·F‖_F / ‖A·F‖_F, measured likewise, if the block has a
 *     weight H = F·Fᵀ; then the limit is on this one
 * @param channels I, ascending; most often none
 */
public record EncodedBlock(
    int position,
    int rows,
    byte[] coefficients,
    boolean sparse,
    double scale,
    double error,
    OptionalDouble weightedError,
    int[] channels) {

  /** A block without columns of its own. */
  public EncodedBlock(
      int position,
      int rows,
      byte[] coefficients,
      boolean sparse,
      double scale,
      double error,
      OptionalDouble weightedError) {
    this(position, rows, coefficients, sparse, scale, error, weightedError, new int[0]);
  }

  /**
   * C, row after row.
   *
   * @param columns n, those among them that are kept as they are
   */
  public double[] values(StorageFormat format, int columns) {
    return sparse
        ? SparseCoefficients.decode(format, coefficients, rows * (columns - channels.length))
        : format.decode(coefficients);
  }
}
