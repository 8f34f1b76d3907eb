package io.github.colonnade.svd.linalg;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The operations in plain Java, written to be read and to be right; it is slow.
 *
 * <p>Everything is computed in double and rounded once when the result is float32. Decompositions
 * are Jacobi methods, which are backward stable and give small singular values to high relative
 * accuracy (Demmel and Veselić, 1992).
 */
public final class ReferenceLinearAlgebra implements LinearAlgebra {

  private static final int MAX_SWEEPS = 60;

  private record ArrayMatrix(double[] a, int rows, int columns, Precision precision)
      implements Matrix {
    @Override
    public double[] toDoubles() {
      return a.clone();
    }

    @Override
    public float[] toFloats() {
      float[] floats = new float[a.length];
      for (int i = 0; i < a.length; i++) {
        floats[i] = (float) a[i];
      }
      return floats;
    }

    @Override
    public void close() {}
  }

  @Override
  public String name() {
    return "reference";
  }

  private static double[] data(Matrix a) {
    return ((ArrayMatrix) a).a;
  }

  /** Rounds in place when the precision is float32, and wraps. */
  private static Matrix wrap(double[] a, int rows, int columns, Precision precision) {
    if (precision == Precision.FLOAT32) {
      for (int i = 0; i < a.length; i++) {
        a[i] = (float) a[i];
      }
    }
    return new ArrayMatrix(a, rows, columns, precision);
  }

  @Override
  public void close() {}

  @Override
  public Matrix zeros(int rows, int columns, Precision precision) {
    Shapes.nonNegative(rows, columns);
    return wrap(new double[Math.multiplyExact(rows, columns)], rows, columns, precision);
  }

  @Override
  public Matrix fromColumns(double[] elements, int rows, int columns) {
    Shapes.elements(elements.length, rows, columns);
    return wrap(elements.clone(), rows, columns, Precision.FLOAT64);
  }

  @Override
  public Matrix fromColumns(float[] elements, int rows, int columns) {
    Shapes.elements(elements.length, rows, columns);
    double[] a = new double[elements.length];
    for (int i = 0; i < a.length; i++) {
      a[i] = elements[i];
    }
    return wrap(a, rows, columns, Precision.FLOAT32);
  }

  @Override
  public Matrix cast(Matrix a, Precision precision) {
    return wrap(data(a).clone(), a.rows(), a.columns(), precision);
  }

  @Override
  public Matrix columns(Matrix a, int from, int to) {
    Shapes.range(a, from, to);
    int m = a.rows();
    return wrap(Arrays.copyOfRange(data(a), from * m, to * m), m, to - from, a.precision());
  }

  @Override
  public Matrix selectColumns(Matrix a, int[] columns) {
    int m = a.rows();
    double[] selected = new double[Math.multiplyExact(m, columns.length)];
    for (int j = 0; j < columns.length; j++) {
      Shapes.range(a, columns[j], columns[j] + 1);
      System.arraycopy(data(a), columns[j] * m, selected, j * m, m);
    }
    return wrap(selected, m, columns.length, a.precision());
  }

  @Override
  public Matrix concatenate(List<Matrix> matrices) {
    Shapes.concatenable(matrices);
    int m = matrices.get(0).rows();
    int n = matrices.stream().mapToInt(Matrix::columns).reduce(0, Math::addExact);
    double[] all = new double[Math.multiplyExact(m, n)];
    int at = 0;
    for (Matrix each : matrices) {
      double[] part = data(each);
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return wrap(all, m, n, matrices.get(0).precision());
  }

  @Override
  public Matrix scaleColumns(Matrix a, double[] factors) {
    Shapes.factors(a, factors);
    double[] scaled = data(a).clone();
    for (int k = 0; k < scaled.length; k++) {
      scaled[k] *= factors[k / a.rows()];
    }
    return wrap(scaled, a.rows(), a.columns(), a.precision());
  }

  @Override
  public Matrix product(Matrix a, Matrix b) {
    Shapes.inner("product", a, a.columns(), b, b.rows());
    return wrap(
        multiply(data(a), a.rows(), a.columns(), data(b), b.columns()),
        a.rows(),
        b.columns(),
        a.precision());
  }

  @Override
  public Matrix transposedProduct(Matrix a, Matrix b) {
    Shapes.inner("transposedProduct", a, a.rows(), b, b.rows());
    double[] at = transpose(data(a), a.rows(), a.columns());
    return wrap(
        multiply(at, a.columns(), a.rows(), data(b), b.columns()),
        a.columns(),
        b.columns(),
        a.precision());
  }

  @Override
  public Matrix productTransposed(Matrix a, Matrix b) {
    Shapes.inner("productTransposed", a, a.columns(), b, b.columns());
    double[] bt = transpose(data(b), b.rows(), b.columns());
    return wrap(
        multiply(data(a), a.rows(), a.columns(), bt, b.rows()), a.rows(), b.rows(), a.precision());
  }

  @Override
  public void subtractProductInPlace(Matrix c, Matrix a, Matrix b) {
    Shapes.inner("subtractProduct", a, a.columns(), b, b.rows());
    Shapes.samePrecision("subtractProduct", c, a);
    Shapes.target("subtractProduct", c, a.rows(), b.columns());
    double[] product = multiply(data(a), a.rows(), a.columns(), data(b), b.columns());
    double[] target = data(c);
    for (int i = 0; i < target.length; i++) {
      double value = target[i] - product[i];
      target[i] = c.precision() == Precision.FLOAT32 ? (float) value : value;
    }
  }

  @Override
  public double energy(Matrix a) {
    return Arrays.stream(data(a)).map(x -> x * x).sum();
  }

  @Override
  public double[] columnEnergies(Matrix a) {
    double[] energies = new double[a.columns()];
    double[] values = data(a);
    for (int k = 0; k < values.length; k++) {
      energies[k / a.rows()] += values[k] * values[k];
    }
    return energies;
  }

  @Override
  public double[] rowEnergies(Matrix a) {
    double[] energies = new double[a.rows()];
    double[] values = data(a);
    for (int k = 0; k < values.length; k++) {
      energies[k % a.rows()] += values[k] * values[k];
    }
    return energies;
  }

  @Override
  public void addOuterProductInPlace(Matrix g, Matrix a, double weight) {
    Shapes.symmetric(g);
    Shapes.target("addOuterProduct", g, a.rows(), a.rows());
    double[] at = transpose(data(a), a.rows(), a.columns());
    double[] product = multiply(data(a), a.rows(), a.columns(), at, a.rows());
    double[] target = data(g);
    for (int i = 0; i < target.length; i++) {
      target[i] += weight * product[i];
    }
  }

  @Override
  public Matrix gram(Matrix a) {
    double[] at = transpose(data(a), a.rows(), a.columns());
    double[] g = multiply(at, a.columns(), a.rows(), data(a), a.columns());
    return wrap(g, a.columns(), a.columns(), Precision.FLOAT64);
  }

  /** Householder reflections, applied to an identity afterwards to form the thin Q. */
  @Override
  public Qr qr(Matrix a) {
    int m = a.rows();
    int n = a.columns();
    int k = Math.min(m, n);
    double[] work = data(a).clone();
    double[][] reflectors = new double[k][];
    for (int j = 0; j < k; j++) {
      double[] v = Arrays.copyOfRange(work, j * m + j, (j + 1) * m);
      double norm = norm(v);
      if (norm > 0) {
        v[0] += v[0] >= 0 ? norm : -norm;
        double length = norm(v);
        for (int i = 0; i < v.length; i++) {
          v[i] /= length;
        }
        reflect(v, work, m, j, j, n);
      } else {
        v = new double[0];
      }
      reflectors[j] = v;
    }
    double[] r = new double[k * n];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i <= Math.min(j, k - 1); i++) {
        r[i + j * k] = work[i + j * m];
      }
    }
    double[] q = new double[m * k];
    for (int j = 0; j < k; j++) {
      q[j + j * m] = 1;
    }
    for (int j = k - 1; j >= 0; j--) {
      reflect(reflectors[j], q, m, j, 0, k);
    }
    return new Qr(wrap(q, m, k, a.precision()), wrap(r, k, n, a.precision()));
  }

  /** Applies I − 2vvᵀ to rows {@code row…} of the given columns. */
  private static void reflect(double[] v, double[] a, int m, int row, int from, int to) {
    if (v.length == 0) {
      return;
    }
    for (int j = from; j < to; j++) {
      int at = row + j * m;
      double dot = 0;
      for (int i = 0; i < v.length; i++) {
        dot += v[i] * a[at + i];
      }
      for (int i = 0; i < v.length; i++) {
        a[at + i] -= 2 * dot * v[i];
      }
    }
  }

  /** One-sided Jacobi on the columns of A (tall) or of Aᵀ (wide). */
  @Override
  public LeftSvd leftSvd(Matrix a) {
    int m = a.rows();
    int n = a.columns();
    if (m >= n) {
      double[] u = data(a).clone();
      double[] values = orthogonalizeColumns(u, m, n, null);
      return sortedVectors(u, m, values, a.precision());
    }
    double[] at = transpose(data(a), m, n);
    double[] rotations = new double[m * m];
    for (int i = 0; i < m; i++) {
      rotations[i + i * m] = 1;
    }
    double[] values = orthogonalizeColumns(at, n, m, rotations);
    return sortedVectors(rotations, m, values, a.precision());
  }

  /** Makes the columns orthogonal by plane rotations; returns their norms. */
  private static double[] orthogonalizeColumns(
      double[] u, int m, int n, double @org.jspecify.annotations.Nullable [] rotations) {
    boolean rotated = true;
    for (int sweep = 0; sweep < MAX_SWEEPS && rotated; sweep++) {
      rotated = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double pp = 0;
          double qq = 0;
          double pq = 0;
          for (int i = 0; i < m; i++) {
            double x = u[i + p * m];
            double y = u[i + q * m];
            pp += x * x;
            qq += y * y;
            pq += x * y;
          }
          if (Math.abs(pq) <= 1e-16 * Math.sqrt(pp) * Math.sqrt(qq)) {
            continue;
          }
          rotated = true;
          double tau = (qq - pp) / (2 * pq);
          double t = Math.copySign(1, tau) / (Math.abs(tau) + Math.hypot(1, tau));
          double c = 1 / Math.hypot(1, t);
          rotate(u, m, p, q, c, c * t);
          if (rotations != null) {
            rotate(rotations, n, p, q, c, c * t);
          }
        }
      }
    }
    double[] norms = new double[n];
    for (int j = 0; j < n; j++) {
      norms[j] = norm(Arrays.copyOfRange(u, j * m, (j + 1) * m));
    }
    return norms;
  }

  private static void rotate(double[] u, int m, int p, int q, double c, double s) {
    for (int i = 0; i < m; i++) {
      double x = u[i + p * m];
      double y = u[i + q * m];
      u[i + p * m] = c * x - s * y;
      u[i + q * m] = s * x + c * y;
    }
  }

  /** Sorts columns by value, normalises them, and completes null directions orthonormally. */
  private LeftSvd sortedVectors(double[] u, int m, double[] values, Precision precision) {
    int n = values.length;
    int[] order = descending(values);
    double[] vectors = new double[m * n];
    double[] sorted = new double[n];
    for (int j = 0; j < n; j++) {
      double[] column = Arrays.copyOfRange(u, order[j] * m, (order[j] + 1) * m);
      sorted[j] = values[order[j]];
      // The rotations are orthogonal as they stand; columns of A need their norm taken off.
      double norm = norm(column);
      for (int i = 0; i < m && norm > 0; i++) {
        vectors[i + j * m] = column[i] / norm;
      }
    }
    Qr clean = qr(new ArrayMatrix(vectors, m, n, Precision.FLOAT64));
    double[] q = data(clean.q());
    double[] r = data(clean.r());
    for (int j = 0; j < n; j++) {
      if (r[j + j * n] < 0) {
        for (int i = 0; i < m; i++) {
          q[i + j * m] = -q[i + j * m];
        }
      }
    }
    return new LeftSvd(wrap(q, m, n, precision), sorted);
  }

  /** Cyclic two-sided Jacobi. */
  @Override
  public Eigen symmetricEigen(Matrix g) {
    Shapes.symmetric(g);
    int n = g.rows();
    double[] a = data(g).clone();
    double[] v = new double[n * n];
    for (int i = 0; i < n; i++) {
      v[i + i * n] = 1;
    }
    boolean rotated = true;
    for (int sweep = 0; sweep < MAX_SWEEPS && rotated; sweep++) {
      rotated = false;
      double scale = norm(a);
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double apq = a[p + q * n];
          if (Math.abs(apq) <= 1e-18 * scale) {
            continue;
          }
          rotated = true;
          double tau = (a[q + q * n] - a[p + p * n]) / (2 * apq);
          double t = Math.copySign(1, tau) / (Math.abs(tau) + Math.hypot(1, tau));
          double c = 1 / Math.hypot(1, t);
          double s = c * t;
          rotate(a, n, p, q, c, s);
          for (int j = 0; j < n; j++) {
            double x = a[p + j * n];
            double y = a[q + j * n];
            a[p + j * n] = c * x - s * y;
            a[q + j * n] = s * x + c * y;
          }
          rotate(v, n, p, q, c, s);
        }
      }
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = a[i + i * n];
    }
    int[] order = descending(values);
    double[] sorted = new double[n];
    double[] vectors = new double[n * n];
    for (int j = 0; j < n; j++) {
      sorted[j] = values[order[j]];
      System.arraycopy(v, order[j] * n, vectors, j * n, n);
    }
    return new Eigen(sorted, wrap(vectors, n, n, Precision.FLOAT64));
  }

  @Override
  public double[] symmetricEigenvalues(Matrix g) {
    return symmetricEigen(g).values();
  }

  private static int[] descending(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> values[i]).reversed())
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double norm(double[] v) {
    double scale = 0;
    for (double x : v) {
      scale = Math.max(scale, Math.abs(x));
    }
    if (scale == 0) {
      return 0;
    }
    double sum = 0;
    for (double x : v) {
      sum += (x / scale) * (x / scale);
    }
    return scale * Math.sqrt(sum);
  }

  private static double[] multiply(double[] a, int m, int k, double[] b, int n) {
    double[] c = new double[Math.multiplyExact(m, n)];
    for (int j = 0; j < n; j++) {
      for (int l = 0; l < k; l++) {
        double x = b[l + j * k];
        for (int i = 0; i < m; i++) {
          c[i + j * m] += a[i + l * m] * x;
        }
      }
    }
    return c;
  }

  private static double[] transpose(double[] a, int m, int n) {
    double[] t = new double[a.length];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        t[j + i * n] = a[i + j * m];
      }
    }
    return t;
  }
}
