package io.github.colonnade.bounds;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/** Arithmetic on small row-major matrices; no method modifies its arguments. */
final class Matrices {

  private Matrices() {}

  /** [A_1 … A_K]: m×Σn_j, from at least one block. */
  static double[][] concatenate(List<double[][]> blocks) {
    int m = blocks.get(0).length;
    double[][] joined = new double[m][];
    for (int i = 0; i < m; i++) {
      int row = i;
      joined[i] = blocks.stream().flatMapToDouble(block -> DoubleStream.of(block[row])).toArray();
    }
    return joined;
  }

  static double energy(double[][] a) {
    return Arrays.stream(a).flatMapToDouble(Arrays::stream).map(x -> x * x).sum();
  }

  static double energy(List<double[][]> blocks) {
    return blocks.stream().mapToDouble(Matrices::energy).sum();
  }

  /** QᵀA: r×n, from Q: m×r and A: m×n. */
  static double[][] transposeTimes(double[][] q, double[][] a) {
    double[][] product = new double[q[0].length][a[0].length];
    for (int k = 0; k < a.length; k++) {
      for (int i = 0; i < product.length; i++) {
        for (int j = 0; j < product[i].length; j++) {
          product[i][j] += q[k][i] * a[k][j];
        }
      }
    }
    return product;
  }

  /** (I − QQᵀ)A, projected twice. */
  static double[][] residual(double[][] q, double[][] a) {
    return residualOnce(q, residualOnce(q, a));
  }

  private static double[][] residualOnce(double[][] q, double[][] a) {
    double[][] c = transposeTimes(q, a);
    double[][] r = Arrays.stream(a).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < r.length; i++) {
      for (int k = 0; k < c.length; k++) {
        for (int j = 0; j < r[i].length; j++) {
          r[i][j] -= q[i][k] * c[k][j];
        }
      }
    }
    return r;
  }

  /** A with column j multiplied by {@code factors[j]}. */
  static double[][] scaleColumns(double[][] a, double[] factors) {
    double[][] scaled = new double[a.length][factors.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < factors.length; j++) {
        scaled[i][j] = a[i][j] * factors[j];
      }
    }
    return scaled;
  }

  /** The complete spectrum of A. */
  static Spectrum spectrum(double[][] a) {
    return Spectrum.ofKept(JacobiSvd.of(a).squaredSingularValues(), 0);
  }
}
