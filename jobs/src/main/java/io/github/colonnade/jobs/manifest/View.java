package io.github.colonnade.jobs.manifest;

/**
 * How a tensor became the matrix of a block: its numbers, in the order of its file, fill a matrix
 * of {@code rows} rows in the order of {@code layout}. The block is that matrix or, with a {@link
 * Part}, a range of its columns.
 *
 * @param rows the rows of the block
 * @param columns the columns of the block
 * @param layout the order in which the numbers of the tensor fill the matrix
 */
public record View(long rows, long columns, Layout layout) {
  public View {
    Checks.atLeast("rows", 1, rows);
    Checks.atLeast("columns", 1, columns);
  }
}
