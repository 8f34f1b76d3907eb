package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.Serializable;

/**
 * One block, without its numbers: a matrix {@code rows}×{@code columns} of a tensor.
 *
 * <p>Its bytes follow one another in the payload, but for a range of the columns of a row-major
 * tensor: that has a piece in each row. {@link BlockReader#open} puts them together.
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
        || (layout == Layout.ROW_MAJOR && tensor.elements() % rows != 0)) {
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

  /** Whether the other block is of the same tensor and begins where this one ends. */
  public boolean isFollowedBy(BlockRef other) {
    return tensor.equals(other.tensor)
        && layout == other.layout
        && rows == other.rows
        && fromColumn + columns == other.fromColumn;
  }

  /** Columns of the whole tensor. */
  public long allColumns() {
    return tensor.elements() / rows;
  }

  /** Whether the bytes of the block follow one another in the payload. */
  public boolean isContiguous() {
    return layout == Layout.COLUMN_MAJOR || rows == 1 || isWhole();
  }

  /** First byte of the block within the tensor's canonical payload. */
  public long fromByte() {
    return tensor.dtype().payloadBytes(isContiguous() ? rows * fromColumn : fromColumn);
  }

  /** Bytes of the block in the canonical payload. */
  public long sizeBytes() {
    return tensor.dtype().payloadBytes(elements());
  }
}
