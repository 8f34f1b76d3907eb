package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.Serializable;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Decides which tensors are matrices, and of what shape.
 *
 * <p>Without {@code rows}, a float tensor of two dimensions is one block. With {@code rows} = m, a
 * float tensor of two or more dimensions whose number of elements divides by m is read as (−1, m)
 * in row-major order, and these rows are the columns of the matrix: columns of height m, one after
 * another in the payload. {@code columns} cuts that into blocks of so many columns; the last may
 * have fewer. All other tensors pass through.
 */
public final class MatrixView implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long NOT_GIVEN = 0;

  private final Orientation orientation;
  private final long rows;
  private final long columns;
  private final List<Glob> include;
  private final List<Glob> exclude;

  private MatrixView(ViewOptions options) {
    this.orientation = options.orientation();
    this.rows = options.rows().orElse(NOT_GIVEN);
    this.columns = options.columns().orElse(NOT_GIVEN);
    this.include = options.include().stream().map(Glob::new).toList();
    this.exclude = options.exclude().stream().map(Glob::new).toList();
  }

  /**
   * A view with these options.
   *
   * @throws IllegalArgumentException if rows or columns is not positive, columns comes without
   *     rows, or rows with {@link Orientation#TRANSPOSED}
   */
  public static MatrixView of(ViewOptions options) {
    if (options.rows().isPresent() && options.rows().getAsLong() < 1) {
      throw new IllegalArgumentException(
          "rows must be at least 1, not " + options.rows().getAsLong());
    }
    if (options.columns().isPresent() && options.columns().getAsLong() < 1) {
      throw new IllegalArgumentException(
          "columns must be at least 1, not " + options.columns().getAsLong());
    }
    if (options.columns().isPresent() && options.rows().isEmpty()) {
      throw new IllegalArgumentException(
          "columns cuts what rows has shaped; give rows too, or leave columns out");
    }
    if (options.rows().isPresent() && options.orientation() == Orientation.TRANSPOSED) {
      throw new IllegalArgumentException(
          "rows already fixes the orientation; give rows or transposed, not both");
    }
    return new MatrixView(options);
  }

  /**
   * What becomes of a tensor.
   *
   * @throws FormatException if it would be cut into more blocks than can be counted
   */
  public TensorPlan plan(TensorInfo tensor) {
    if (!include.isEmpty() && include.stream().noneMatch(glob -> glob.matches(tensor.name()))) {
      return new TensorPlan.PassThrough("not included");
    }
    if (exclude.stream().anyMatch(glob -> glob.matches(tensor.name()))) {
      return new TensorPlan.PassThrough("excluded");
    }
    if (!tensor.dtype().isFloat()) {
      return new TensorPlan.PassThrough("type " + tensor.dtype().label());
    }
    int rank = tensor.shape().rank();
    if (rank < 2) {
      return new TensorPlan.PassThrough(rank == 0 ? "scalar" : "1 dimension");
    }
    if (tensor.elements() == 0) {
      return new TensorPlan.PassThrough("no elements");
    }
    if (rows != NOT_GIVEN) {
      return reshaped(tensor);
    }
    if (rank > 2) {
      return new TensorPlan.PassThrough(rank + " dimensions, and no rows given");
    }
    long outer = tensor.shape().dim(0);
    long inner = tensor.shape().dim(1);
    return new TensorPlan.Blocks(
        List.of(
            orientation == Orientation.AS_STORED
                ? new BlockRef(tensor, outer, inner, 0, Layout.ROW_MAJOR)
                : new BlockRef(tensor, inner, outer, 0, Layout.COLUMN_MAJOR)));
  }

  private TensorPlan reshaped(TensorInfo tensor) {
    if (tensor.elements() % rows != 0) {
      return new TensorPlan.PassThrough(
          tensor.elements() + " elements do not divide by " + rows + " rows");
    }
    long allColumns = tensor.elements() / rows;
    long width = columns == NOT_GIVEN ? allColumns : Math.min(columns, allColumns);
    long count = (allColumns - 1) / width + 1;
    if (count > Integer.MAX_VALUE) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          "it would be cut into " + count + " blocks; give more columns to a block");
    }
    return new TensorPlan.Blocks(new Cut(tensor, rows, allColumns, width, (int) count));
  }

  /** Blocks of equal width, but for the last; made on demand. */
  private static final class Cut extends AbstractList<BlockRef> implements RandomAccess {
    private final TensorInfo tensor;
    private final long rows;
    private final long allColumns;
    private final long width;
    private final int size;

    Cut(TensorInfo tensor, long rows, long allColumns, long width, int size) {
      this.tensor = tensor;
      this.rows = rows;
      this.allColumns = allColumns;
      this.width = width;
      this.size = size;
    }

    @Override
    public BlockRef get(int index) {
      long from = Objects.checkIndex(index, size) * width;
      return new BlockRef(
          tensor, rows, Math.min(width, allColumns - from), from, Layout.COLUMN_MAJOR);
    }

    @Override
    public int size() {
      return size;
    }
  }
}
