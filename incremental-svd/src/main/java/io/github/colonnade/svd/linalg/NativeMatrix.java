package io.github.colonnade.svd.linalg;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * A matrix in native memory of the host, column after column and without gaps.
 *
 * <p>Invariants: (1) {@code memory} is null exactly when the matrix has no element, because ND4J
 * has no useful empty matrix; (2) its pointer is the first element, so that BLAS and LAPACK may use
 * it with leading dimension {@code rows}, and of the type of the precision; (3) it is freed once;
 * (4) {@link #memory()} has all elements. Of a symmetric matrix only the upper triangle may have
 * been formed: most are Gram matrices whose eigenvalues are asked for, and LAPACK reads no more.
 */
final class NativeMatrix implements Matrix {

  /** Where the elements are. Its {@link Backend} allocates it; the matrix frees it. */
  interface Memory {

    /** The first element: a {@link FloatPointer} or a {@link DoublePointer}. */
    Pointer pointer();

    void free();
  }

  private final @Nullable Memory memory;
  private final int rows;
  private final int columns;
  private final Precision precision;
  private boolean closed;
  private boolean isUpperOnly;

  private NativeMatrix(@Nullable Memory memory, int rows, int columns, Precision precision) {
    this.memory = memory;
    this.rows = rows;
    this.columns = columns;
    this.precision = precision;
  }

  /** A matrix whose elements are yet to be written. */
  static NativeMatrix uninitialized(Backend backend, int rows, int columns, Precision precision) {
    Shapes.nonNegative(rows, columns);
    return new NativeMatrix(
        rows == 0 || columns == 0 ? null : backend.allocate(rows, columns, precision),
        rows,
        columns,
        precision);
  }

  static NativeMatrix of(Matrix matrix) {
    NativeMatrix nativeMatrix = (NativeMatrix) matrix;
    if (nativeMatrix.closed) {
      throw new IllegalStateException("the matrix " + Shapes.text(matrix) + " is closed");
    }
    return nativeMatrix;
  }

  boolean isEmpty() {
    return memory == null;
  }

  long length() {
    return (long) rows * columns;
  }

  long sizeBytes() {
    return length() * precision.sizeBytes();
  }

  Memory memory() {
    DoublePointer upper = isUpperOnly ? upperTriangle() : null;
    if (upper != null) {
      isUpperOnly = false;
      Triangles.mirror(upper, rows);
    }
    return ownMemory();
  }

  private Memory ownMemory() {
    if (memory == null) {
      throw new IllegalStateException("an empty matrix has no memory");
    }
    return memory;
  }

  /** The elements of a symmetric FLOAT64 matrix, of which those below the diagonal may be due. */
  DoublePointer upperTriangle() {
    return (DoublePointer) ownMemory().pointer();
  }

  /** Says that what is below the diagonal is to be what is above. */
  void keepUpperTriangle() {
    isUpperOnly = true;
  }

  DoublePointer doubles() {
    return (DoublePointer) memory().pointer();
  }

  FloatPointer floats() {
    return (FloatPointer) memory().pointer();
  }

  /** Copies elements from one place on to another matrix of the same precision. */
  static void copy(NativeMatrix from, long at, NativeMatrix to, long target, long length) {
    int size = from.precision.sizeBytes();
    Pointer.memcpy(
        new BytePointer(to.memory().pointer()).position(target * size),
        new BytePointer(from.memory().pointer()).position(at * size),
        length * size);
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public double[] toDoubles() {
    double[] values = new double[Math.toIntExact(of(this).length())];
    if (!isEmpty() && precision == Precision.FLOAT64) {
      doubles().get(values);
    } else if (!isEmpty()) {
      float[] floats = toFloats();
      for (int i = 0; i < floats.length; i++) {
        values[i] = floats[i];
      }
    }
    return values;
  }

  @Override
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(of(this).length())];
    if (!isEmpty() && precision == Precision.FLOAT32) {
      floats().get(values);
    } else if (!isEmpty()) {
      double[] doubles = toDoubles();
      for (int i = 0; i < doubles.length; i++) {
        values[i] = (float) doubles[i];
      }
    }
    return values;
  }

  @Override
  public void close() {
    if (!closed && memory != null) {
      memory.free();
    }
    closed = true;
  }
}
