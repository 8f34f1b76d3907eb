package io.github.colonnade.connectors.view;

import java.io.Serializable;

/**
 * How a two-dimensional tensor becomes blocks.
 *
 * @param orientation which way round it is taken
 * @param columns the most columns of a block, at least 1; {@link #WHOLE} cuts nothing
 */
public record MatrixForm(Orientation orientation, long columns) implements Serializable {

  /** As many columns as there are, but for very large matrices; see {@link MatrixView}. */
  public static final long WHOLE = Long.MAX_VALUE;

  /**
   * @throws IllegalArgumentException if columns is not positive
   */
  public MatrixForm {
    if (columns < 1) {
      throw new IllegalArgumentException("columns must be at least 1, not " + columns);
    }
  }

  /** The whole tensor as one block. */
  public static MatrixForm whole(Orientation orientation) {
    return new MatrixForm(orientation, WHOLE);
  }
}
