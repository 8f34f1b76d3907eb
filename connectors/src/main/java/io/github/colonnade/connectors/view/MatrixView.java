package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.Serializable;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * Decides which tensors are matrices, and of what shape.
 *
 * <p>Without {@code rows}, a float tensor of two dimensions is a matrix. With {@code rows} = m, a
 * float tensor of two or more dimensions whose number of elements divides by m is read as (−1, m)
 * in row-major order, and these rows are the columns of the matrix: columns of height m, one after
 * another in the payload. {@code columns} cuts matrices into blocks of so many columns; the last
 * may have fewer. Without it, a matrix of more than {@link #PANEL_NUMBERS} numbers is cut into
 * panels of about equal width that have no more, so that it need not be in memory as a whole. All
 * other tensors pass through.
 *
 * <p>Tensors of two dimensions may have a {@link MatrixForm} of their own by their shape.
 */
public final class MatrixView implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final long NOT_GIVEN = 0;

  /** A matrix of more numbers is cut into panels unless it is said how: 1 GiB in double. */
  public static final long PANEL_NUMBERS = 1L << 27;

  private final Orientation orientation;
  private final long rows;
  private final long columns;
  private final List<Glob> include;
  private final List<Glob> exclude;
  private final Map<Shape, MatrixForm> forms;

  private MatrixView(ViewOptions options, Map<Shape, MatrixForm> forms) {
    this.orientation = options.orientation();
    this.rows = options.rows().orElse(NOT_GIVEN);
    this.columns = options.columns().orElse(NOT_GIVEN);
    this.include = options.include().stream().map(Glob::new).toList();
    this.exclude = options.exclude().stream().map(Glob::new).toList();
    this.forms = Map.copyOf(forms);
  }

  /**
   * A view with these options.
   *
   * @throws IllegalArgumentException if rows or columns is not positive, or rows comes with {@link
   *     Orientation#TRANSPOSED}
   */
  public static MatrixView of(ViewOptions options) {
    return of(options, Map.of());
  }

  /**
   * A view with these options, but for tensors of two dimensions and certain shapes.
   *
   * @param forms of these shapes, in place of the orientation and columns of the options; none if
   *     the options have rows
   * @throws IllegalArgumentException as {@link #of(ViewOptions)}, or if there are rows and forms
   */
  public static MatrixView of(ViewOptions options, Map<Shape, MatrixForm> forms) {
    if (options.rows().isPresent() && options.rows().getAsLong() < 1) {
      throw new IllegalArgumentException(
          "rows must be at least 1, not " + options.rows().getAsLong());
    }
    if (options.columns().isPresent() && options.columns().getAsLong() < 1) {
      throw new IllegalArgumentException(
          "columns must be at least 1, not " + options.columns().getAsLong());
    }
    if (options.rows().isPresent() && options.orientation() == Orientation.TRANSPOSED) {
      throw new IllegalArgumentException(
          "rows already fixes the orientation; give rows or transposed, not both");
    }
    if (options.rows().isPresent() && !forms.isEmpty()) {
      throw new IllegalArgumentException("rows already fixes the form of all shapes");
    }
    return new MatrixView(options, forms);
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
    MatrixForm form = forms.get(tensor.shape());
    return plan(
        tensor,
        form != null
            ? form
            : new MatrixForm(orientation, columns == NOT_GIVEN ? MatrixForm.WHOLE : columns));
  }

  private static TensorPlan plan(TensorInfo tensor, MatrixForm form) {
    long outer = tensor.shape().dim(0);
    long inner = tensor.shape().dim(1);
    return form.orientation() == Orientation.AS_STORED
        ? cut(tensor, outer, inner, form.columns(), Layout.ROW_MAJOR)
        : cut(tensor, inner, outer, form.columns(), Layout.COLUMN_MAJOR);
  }

  private TensorPlan reshaped(TensorInfo tensor) {
    if (tensor.elements() % rows != 0) {
      return new TensorPlan.PassThrough(
          tensor.elements() + " elements do not divide by " + rows + " rows");
    }
    return cut(
        tensor,
        rows,
        tensor.elements() / rows,
        columns == NOT_GIVEN ? MatrixForm.WHOLE : columns,
        Layout.COLUMN_MAJOR);
  }

  private static TensorPlan cut(
      TensorInfo tensor, long rows, long allColumns, long columns, Layout layout) {
    long width = columns == MatrixForm.WHOLE ? panel(rows, allColumns) : columns;
    width = Math.min(width, allColumns);
    long count = (allColumns - 1) / width + 1;
    if (count > Integer.MAX_VALUE) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          "it would be cut into " + count + " blocks; give more columns to a block");
    }
    return new TensorPlan.Blocks(new Cut(tensor, rows, allColumns, layout, width, (int) count));
  }

  private static long panel(long rows, long allColumns) {
    long most = Math.max(1, PANEL_NUMBERS / rows);
    long panels = (allColumns - 1) / most + 1;
    return (allColumns - 1) / panels + 1;
  }

  /** Blocks of equal width, but for the last; made on demand. */
  private static final class Cut extends AbstractList<BlockRef> implements RandomAccess {
    private final TensorInfo tensor;
    private final long rows;
    private final long allColumns;
    private final Layout layout;
    private final long width;
    private final int size;

    Cut(TensorInfo tensor, long rows, long allColumns, Layout layout, long width, int size) {
      this.tensor = tensor;
      this.rows = rows;
      this.allColumns = allColumns;
      this.layout = layout;
      this.width = width;
      this.size = size;
    }

    @Override
    public BlockRef get(int index) {
      long from = Objects.checkIndex(index, size) * width;
      return new BlockRef(tensor, rows, Math.min(width, allColumns - from), from, layout);
    }

    @Override
    public int size() {
      return size;
    }
  }
}
