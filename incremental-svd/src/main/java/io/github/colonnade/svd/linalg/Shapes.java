package io.github.colonnade.svd.linalg;

import java.util.List;

/** Argument checks shared by the implementations, so that their messages are the same. */
final class Shapes {

  private Shapes() {}

  static void elements(int length, int rows, int columns) {
    nonNegative(rows, columns);
    if (length != Math.multiplyExact(rows, columns)) {
      throw new IllegalArgumentException(
          length + " elements do not make a " + rows + "x" + columns + " matrix");
    }
  }

  static void nonNegative(int rows, int columns) {
    if (rows < 0 || columns < 0) {
      throw new IllegalArgumentException("negative shape " + rows + "x" + columns);
    }
  }

  static void inner(String operation, Matrix a, int left, Matrix b, int right) {
    if (left != right) {
      throw new IllegalArgumentException(
          operation + ": inner sizes differ, " + text(a) + " and " + text(b));
    }
    samePrecision(operation, a, b);
  }

  static void samePrecision(String operation, Matrix a, Matrix b) {
    if (a.precision() != b.precision()) {
      throw new IllegalArgumentException(
          operation + ": precisions differ, " + text(a) + " and " + text(b));
    }
  }

  static void target(String operation, Matrix c, int rows, int columns) {
    if (c.rows() != rows || c.columns() != columns) {
      throw new IllegalArgumentException(
          operation + ": the target is " + text(c) + ", expected " + rows + "x" + columns);
    }
  }

  static void range(Matrix a, int from, int to) {
    if (from < 0 || to < from || to > a.columns()) {
      throw new IllegalArgumentException("columns [" + from + ", " + to + ") of " + text(a));
    }
  }

  static void concatenable(List<Matrix> matrices) {
    if (matrices.isEmpty()) {
      throw new IllegalArgumentException("concatenate: no matrix given");
    }
    Matrix first = matrices.get(0);
    for (Matrix each : matrices) {
      if (each.rows() != first.rows()) {
        throw new IllegalArgumentException(
            "concatenate: row counts differ, " + text(first) + " and " + text(each));
      }
      samePrecision("concatenate", first, each);
    }
  }

  static void symmetric(Matrix g) {
    if (g.rows() != g.columns() || g.precision() != Precision.FLOAT64) {
      throw new IllegalArgumentException("a square float64 matrix is needed, not " + text(g));
    }
  }

  static void factors(Matrix a, double[] factors) {
    if (factors.length != a.columns()) {
      throw new IllegalArgumentException(factors.length + " factors for " + text(a));
    }
  }

  static String text(Matrix a) {
    return a.rows() + "x" + a.columns() + " " + a.precision().label();
  }
}
