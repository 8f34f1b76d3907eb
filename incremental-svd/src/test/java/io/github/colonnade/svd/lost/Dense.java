package io.github.colonnade.svd.lost;

import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import java.util.Random;

/** Matrices as arrays, row by row, with the loops written out. */
final class Dense {

  private static final ReferenceLinearAlgebra REFERENCE = new ReferenceLinearAlgebra();

  private Dense() {}

  static double[][] random(int rows, int columns, long seed) {
    Random random = new Random(seed);
    double[][] a = new double[rows][columns];
    for (double[] row : a) {
      for (int j = 0; j < columns; j++) {
        row[j] = random.nextGaussian();
      }
    }
    return a;
  }

  static double[][] product(double[][] a, double[][] b, int columns) {
    double[][] c = new double[a.length][columns];
    for (int i = 0; i < a.length; i++) {
      for (int l = 0; l < b.length; l++) {
        for (int j = 0; j < columns; j++) {
          c[i][j] += a[i][l] * b[l][j];
        }
      }
    }
    return c;
  }

  static double[][] difference(double[][] a, double[][] b) {
    double[][] c = new double[a.length][];
    for (int i = 0; i < a.length; i++) {
      c[i] = a[i].clone();
      for (int j = 0; j < c[i].length; j++) {
        c[i][j] -= b[i][j];
      }
    }
    return c;
  }

  static double energy(double[][] a) {
    double energy = 0;
    for (double[] row : a) {
      for (double each : row) {
        energy += each * each;
      }
    }
    return energy;
  }

  static double[][] transposed(double[][] a, int columns) {
    double[][] t = new double[columns][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < columns; j++) {
        t[j][i] = a[i][j];
      }
    }
    return t;
  }

  static double[] columnByColumn(double[][] a, int columns) {
    double[] values = new double[a.length * columns];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < columns; j++) {
        values[i + j * a.length] = a[i][j];
      }
    }
    return values;
  }

  static double[][] ofColumns(double[] values, int rows, int columns) {
    double[][] a = new double[rows][columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        a[i][j] = values[i + j * rows];
      }
    }
    return a;
  }

  static double[] columnEnergies(double[][] a, int columns) {
    double[] energies = new double[columns];
    for (double[] row : a) {
      for (int j = 0; j < columns; j++) {
        energies[j] += row[j] * row[j];
      }
    }
    return energies;
  }

  /** The sum of the singular triples from (inclusive) to (exclusive), by a Jacobi method. */
  static double[][] triples(double[][] a, int columns, int from, int to) {
    LeftSvd svd = svd(a, columns);
    double[][] u = ofColumns(svd.vectors().toDoubles(), a.length, svd.values().length);
    double[][] some = new double[a.length][to - from];
    for (int i = 0; i < a.length; i++) {
      System.arraycopy(u[i], from, some[i], 0, to - from);
    }
    return product(some, product(transposed(some, to - from), a, columns), columns);
  }

  static double[] singularValues(double[][] a, int columns) {
    return svd(a, columns).values();
  }

  private static LeftSvd svd(double[][] a, int columns) {
    return REFERENCE.leftSvd(REFERENCE.fromColumns(columnByColumn(a, columns), a.length, columns));
  }
}
