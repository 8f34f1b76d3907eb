package io.github.colonnade.connectors.tensor;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/** Dimensions of a tensor, outermost first. Immutable; the product is known to fit in a long. */
public final class Shape implements Serializable {
  /** Most dimensions that any file may claim; numpy's own limit. */
  public static final int MAX_RANK = 64;

  private static final long serialVersionUID = 1L;

  private final long[] dims;
  private final long elements;

  private Shape(long[] dims) {
    long product = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + " has a negative dimension");
      }
      try {
        product = Math.multiplyExact(product, dim);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + " has more elements than a long can count", e);
      }
    }
    this.dims = dims;
    this.elements = product;
  }

  /**
   * A shape; no dimensions is a scalar.
   *
   * @throws IllegalArgumentException if a dimension is negative or the product overflows
   */
  public static Shape of(long... dims) {
    return new Shape(dims.clone());
  }

  /** Same as {@link #of(long...)}. */
  public static Shape of(List<Long> dims) {
    return new Shape(dims.stream().mapToLong(Long::longValue).toArray());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** Size of dimension {@code index}, counted from the outermost. */
  public long dim(int index) {
    return dims[index];
  }

  /** All dimensions, as a new array. */
  public long[] dims() {
    return dims.clone();
  }

  /** Product of the dimensions. */
  public long elements() {
    return elements;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As in {@code [768, 3072]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
