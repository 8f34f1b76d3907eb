package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.Serializable;

/**
 * One block, without its numbers: a matrix {@code rows}×{@code columns} of a tensor.
 *
 * @param tensor the tensor, shared by its blocks
 * @param rows m, at least 1
 * @param columns n, at least 1
 * @param fromColumn first column among all columns of the tensor
 * @param layout order of the numbers in the payload
 */
public record BlockRef(TensorInfo tensor, long rows, long columns, long fromColumn, Layout layout)
    implements Serializable {

  /**
   * Checks that the block lies within its tensor.
   *
   * @throws IllegalArgumentException if it does not
   */
  public BlockRef {
    if (rows < 1
        || columns < 1
        || fromColumn < 0
        || columns > tensor.elements() / rows
        || fromColumn > tensor.elements() / rows - columns
        || (layout == Layout.ROW_MAJOR && rows * columns != tensor.elements())) {
      throw new IllegalArgumentException(
          "block of "
              + rows
              + "×"
              + columns
              + " from column "
              + fromColumn
              + " in a tensor of shape "
              + tensor.shape());
    }
  }

  /**
   * Text that tells the block from the others of its source: the tensor's name, followed by {@code
   * [from:to]} (columns, end not included) if the block is only part of it.
   */
  public String id() {
    return isWhole()
        ? tensor.name()
        : tensor.name() + "[" + fromColumn + ":" + (fromColumn + columns) + "]";
  }

  /** Number of elements. */
  public long elements() {
    return rows * columns;
  }

  /** Whether the block is the whole tensor. */
  public boolean isWhole() {
    return elements() == tensor.elements();
  }

  /** First byte of the block within the tensor's canonical payload. */
  public long fromByte() {
    return tensor.dtype().payloadBytes(rows * fromColumn);
  }

  /** Bytes of the block in the canonical payload. */
  public long sizeBytes() {
    return tensor.dtype().payloadBytes(elements());
  }
}
