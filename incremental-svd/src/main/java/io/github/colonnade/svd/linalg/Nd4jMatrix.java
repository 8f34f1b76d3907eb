package io.github.colonnade.svd.linalg;

import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A matrix in an ND4J array of order 'f' (column after column), always contiguous and detached.
 *
 * <p>Invariants: (1) {@code array} is null exactly when the matrix has no element, because ND4J has
 * no useful empty matrix; (2) the array is no view, so that its pointer is the first element and
 * LAPACK may use it with leading dimension {@code rows}; (3) it is closed once.
 */
final class Nd4jMatrix implements Matrix {

  private final @Nullable INDArray array;
  private final int rows;
  private final int columns;
  private final Precision precision;
  private boolean closed;

  private Nd4jMatrix(@Nullable INDArray array, int rows, int columns, Precision precision) {
    this.array = array;
    this.rows = rows;
    this.columns = columns;
    this.precision = precision;
  }

  /** A matrix whose elements are yet to be written. */
  static Nd4jMatrix uninitialized(int rows, int columns, Precision precision) {
    Shapes.nonNegative(rows, columns);
    INDArray array =
        rows == 0 || columns == 0
            ? null
            : Nd4j.createUninitializedDetached(dataType(precision), 'f', rows, columns);
    return new Nd4jMatrix(array, rows, columns, precision);
  }

  static Nd4jMatrix of(Matrix matrix) {
    Nd4jMatrix nd4j = (Nd4jMatrix) matrix;
    if (nd4j.closed) {
      throw new IllegalStateException("the matrix " + Shapes.text(matrix) + " is closed");
    }
    return nd4j;
  }

  private static DataType dataType(Precision precision) {
    return precision == Precision.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
  }

  boolean isEmpty() {
    return array == null;
  }

  long length() {
    return (long) rows * columns;
  }

  INDArray array() {
    if (array == null) {
      throw new IllegalStateException("an empty matrix has no array");
    }
    return array;
  }

  DoublePointer doubles() {
    return (DoublePointer) array().data().pointer();
  }

  FloatPointer floats() {
    return (FloatPointer) array().data().pointer();
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
    if (!closed && array != null) {
      array.close();
    }
    closed = true;
  }
}
