package io.github.colonnade.svd.linalg;

/**
 * A dense real matrix that one {@link LinearAlgebra} made and only that one can read.
 *
 * <p>Its memory may lie outside the Java heap, so whoever holds it closes it, most often through a
 * {@link MatrixScope}. Zero rows or columns are permitted. Not safe for use by two threads at once.
 */
public interface Matrix extends AutoCloseable {

  int rows();

  int columns();

  Precision precision();

  /** A copy of the elements, column after column: element (i, j) is at {@code i + j * rows()}. */
  double[] toDoubles();

  /** As {@link #toDoubles()}, each element rounded to the nearest float. */
  float[] toFloats();

  /** Releases the memory. Closing twice is harmless; any other use after closing is an error. */
  @Override
  void close();
}
