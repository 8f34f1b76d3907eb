package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Factors of matrices side by side, by a random range finder with Gram–Schmidt, and their errors,
 * all with plain loops in double. Matrices are arrays, column after column.
 *
 * @param basis m×r in the storage type, row after row
 * @param coefficients of each matrix likewise, a row for each column of the basis that it uses
 * @param errors ‖A − scale·U·C‖ / ‖A‖ of each, on the stored numbers
 * @param jointError of all together
 */
record PlainFactors(
    byte[] basis, List<byte[]> coefficients, List<Double> errors, double jointError) {

  /**
   * @param kept which columns of the basis each matrix uses, ascending
   */
  static PlainFactors of(
      int m, List<double[]> matrices, int r, DType store, double scale, List<int[]> kept) {
    int exponent =
        matrices.stream()
            .flatMapToDouble(Arrays::stream)
            .filter(x -> x != 0)
            .mapToInt(Math::getExponent)
            .max()
            .orElse(0);
    List<double[]> scaled = new ArrayList<>();
    for (double[] a : matrices) {
      double[] s = new double[a.length];
      for (int i = 0; i < a.length; i++) {
        s[i] = Math.scalb(a[i], -exponent);
      }
      scaled.add(s);
    }
    byte[] storedBasis = encode(store, transposed(basis(m, scaled, r), m, r));
    double[] u = decode(store, storedBasis); // Row after row.
    int shift = Math.getExponent(scale) - exponent;
    List<byte[]> coefficients = new ArrayList<>();
    List<Double> errors = new ArrayList<>();
    double allLost = 0;
    double allEnergy = 0;
    for (double[] a : scaled) {
      int n = a.length / m;
      int[] rows = kept.get(coefficients.size());
      double[] c = new double[rows.length * n];
      for (int k = 0; k < rows.length; k++) {
        for (int j = 0; j < n; j++) {
          for (int i = 0; i < m; i++) {
            c[k * n + j] += u[i * r + rows[k]] * a[i + j * m];
          }
          c[k * n + j] = Math.scalb(c[k * n + j], -shift);
        }
      }
      byte[] storedC = encode(store, c);
      coefficients.add(storedC);
      double[] rounded = decode(store, storedC);
      double lost = 0;
      double energy = 0;
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < m; i++) {
          double sum = 0;
          for (int k = 0; k < rows.length; k++) {
            sum += u[i * r + rows[k]] * Math.scalb(rounded[k * n + j], shift);
          }
          lost += (a[i + j * m] - sum) * (a[i + j * m] - sum);
          energy += a[i + j * m] * a[i + j * m];
        }
      }
      errors.add(energy == 0 ? 0 : Math.sqrt(lost / energy));
      allLost += lost;
      allEnergy += energy;
    }
    return new PlainFactors(
        storedBasis, coefficients, errors, allEnergy == 0 ? 0 : Math.sqrt(allLost / allEnergy));
  }

  /** An orthonormal m×r basis, column after column. */
  private static double[] basis(int m, List<double[]> matrices, int r) {
    Random random = new Random(7);
    double[] u = new double[m * r];
    for (int k = 0; k < r; k++) {
      for (double[] a : matrices) {
        for (int j = 0; j < a.length / m; j++) {
          double weight = random.nextGaussian();
          for (int i = 0; i < m; i++) {
            u[i + k * m] += weight * a[i + j * m];
          }
        }
      }
      for (int twice = 0; twice < 2; twice++) {
        for (int before = 0; before < k; before++) {
          double dot = 0;
          for (int i = 0; i < m; i++) {
            dot += u[i + k * m] * u[i + before * m];
          }
          for (int i = 0; i < m; i++) {
            u[i + k * m] -= dot * u[i + before * m];
          }
        }
      }
      double norm = 0;
      for (int i = 0; i < m; i++) {
        norm += u[i + k * m] * u[i + k * m];
      }
      for (int i = 0; i < m; i++) {
        u[i + k * m] /= Math.sqrt(norm);
      }
    }
    return u;
  }

  /** Column after column of an m×n matrix to row after row; (n, m) turns it back. */
  static double[] transposed(double[] a, int m, int n) {
    double[] t = new double[a.length];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        t[j + i * n] = a[i + j * m];
      }
    }
    return t;
  }

  private static byte[] encode(DType dtype, double[] values) {
    byte[] bytes = new byte[values.length * dtype.sizeBytes()];
    FloatCodec.encode(dtype, values, 0, values.length, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static double[] decode(DType dtype, byte[] bytes) {
    double[] values = new double[bytes.length / dtype.sizeBytes()];
    FloatCodec.decode(dtype, ByteBuffer.wrap(bytes), values, 0, values.length);
    return values;
  }
}
