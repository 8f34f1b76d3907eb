package io.github.colonnade.svd.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dgeqrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dlansy;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dlaset_work;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dorgqr;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dormtr;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsyevd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dsytrd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sgeqrf;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sgesdd;
import static org.bytedeco.openblas.global.openblas.LAPACKE_slag2d_work;
import static org.bytedeco.openblas.global.openblas.LAPACKE_sorgqr;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_dscal;
import static org.bytedeco.openblas.global.openblas_nolapack.cblas_sscal;

import java.util.List;
import java.util.function.ToIntFunction;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Matrices in native memory, products by ND4J where they are large and by OpenBLAS where they are
 * small, and LAPACK's decompositions on the same buffers.
 *
 * <p>Where ND4J's CUDA backend is on the class path its arrays are those of a device; then matrices
 * are in plain memory of the host and OpenBLAS multiplies, unless {@link LinearAlgebras} was asked
 * for a device.
 *
 * <p>BLAS is set to one thread when the first instance is made: parallelism belongs to the Flink
 * slots, and BLAS threads that fight them make small products a hundred times slower.
 */
public final class Nd4jLinearAlgebra implements LinearAlgebra {

  /** Elements that are copied to the heap at a time. */
  private static final int CHUNK = 4096;

  /** Of a matrix whose squares neither overflow nor vanish. */
  private static final double LEAST_NORM = 1e-140;

  private static final double LARGEST_NORM = 1e140;

  private final Backend backend;

  /** The linear algebra of the host. */
  public Nd4jLinearAlgebra() {
    this(Cuda.isOnClassPath() ? new HostBackend() : new ArrayBackend());
  }

  Nd4jLinearAlgebra(Backend backend) {
    this.backend = backend;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public void close() {
    backend.close();
  }

  @Override
  public Matrix zeros(int rows, int columns, Precision precision) {
    NativeMatrix zeros = NativeMatrix.uninitialized(backend, rows, columns, precision);
    if (!zeros.isEmpty()) {
      Pointer.memset(zeros.memory().pointer(), 0, zeros.sizeBytes());
    }
    return zeros;
  }

  @Override
  public Matrix fromColumns(double[] elements, int rows, int columns) {
    Shapes.elements(elements.length, rows, columns);
    NativeMatrix matrix = NativeMatrix.uninitialized(backend, rows, columns, Precision.FLOAT64);
    if (!matrix.isEmpty()) {
      matrix.doubles().put(elements, 0, elements.length);
    }
    return matrix;
  }

  @Override
  public Matrix fromColumns(float[] elements, int rows, int columns) {
    Shapes.elements(elements.length, rows, columns);
    NativeMatrix matrix = NativeMatrix.uninitialized(backend, rows, columns, Precision.FLOAT32);
    if (!matrix.isEmpty()) {
      matrix.floats().put(elements, 0, elements.length);
    }
    return matrix;
  }

  @Override
  public Matrix cast(Matrix a, Precision precision) {
    NativeMatrix result = NativeMatrix.uninitialized(backend, a.rows(), a.columns(), precision);
    if (!result.isEmpty()) {
      NativeMatrix from = NativeMatrix.of(a);
      if (a.precision() == precision) {
        NativeMatrix.copy(from, 0, result, 0, from.length());
      } else {
        convert(from, result);
      }
    }
    return result;
  }

  @Override
  public Matrix columns(Matrix a, int from, int to) {
    Shapes.range(a, from, to);
    NativeMatrix result = NativeMatrix.uninitialized(backend, a.rows(), to - from, a.precision());
    if (!result.isEmpty()) {
      NativeMatrix.copy(NativeMatrix.of(a), (long) from * a.rows(), result, 0, result.length());
    }
    return result;
  }

  @Override
  public Matrix selectColumns(Matrix a, int[] columns) {
    int m = a.rows();
    NativeMatrix result = NativeMatrix.uninitialized(backend, m, columns.length, a.precision());
    for (int j = 0; j < columns.length; j++) {
      Shapes.range(a, columns[j], columns[j] + 1);
      if (m > 0) {
        NativeMatrix.copy(NativeMatrix.of(a), (long) columns[j] * m, result, (long) j * m, m);
      }
    }
    return result;
  }

  @Override
  public Matrix concatenate(List<Matrix> matrices) {
    Shapes.concatenable(matrices);
    int columns = matrices.stream().mapToInt(Matrix::columns).reduce(0, Math::addExact);
    Matrix first = matrices.get(0);
    NativeMatrix all =
        NativeMatrix.uninitialized(backend, first.rows(), columns, first.precision());
    long at = 0;
    for (Matrix each : matrices) {
      NativeMatrix part = NativeMatrix.of(each);
      if (!part.isEmpty()) {
        NativeMatrix.copy(part, 0, all, at, part.length());
        at += part.length();
      }
    }
    return all;
  }

  /** Element by element into the other precision. */
  private static void convert(NativeMatrix from, NativeMatrix to) {
    int m = from.rows();
    if (from.precision() == Precision.FLOAT32) {
      LAPACKE_slag2d_work(LAPACK_COL_MAJOR, m, from.columns(), from.floats(), m, to.doubles(), m);
      return;
    }
    // Not by LAPACK's dlag2s, which ends at the first number beyond the range of float.
    int chunk = (int) Math.min(CHUNK, from.length());
    double[] doubles = new double[chunk];
    float[] floats = new float[chunk];
    DoublePointer wide = from.doubles();
    FloatPointer narrow = to.floats();
    for (long at = 0; at < from.length(); at += chunk) {
      int length = (int) Math.min(chunk, from.length() - at);
      wide.position(at).get(doubles, 0, length);
      for (int i = 0; i < length; i++) {
        floats[i] = (float) doubles[i];
      }
      narrow.position(at).put(floats, 0, length);
    }
    wide.position(0);
    narrow.position(0);
  }

  @Override
  public Matrix scaleColumns(Matrix a, double[] factors) {
    Shapes.factors(a, factors);
    NativeMatrix result = (NativeMatrix) cast(a, a.precision());
    int m = a.rows();
    int to;
    for (int from = 0; from < factors.length && m > 0; from = to) {
      // Columns of one block have one factor.
      to = from + 1;
      while (to < factors.length
          && factors[to] == factors[from]
          && (long) (to + 1 - from) * m <= Integer.MAX_VALUE) {
        to++;
      }
      if (factors[from] != 1) {
        scale(result, (long) from * m, (to - from) * m, factors[from]);
      }
    }
    return result;
  }

  private static void scale(NativeMatrix a, long from, int length, double factor) {
    if (a.precision() == Precision.FLOAT64) {
      cblas_dscal(length, factor, a.doubles().getPointer(from), 1);
    } else {
      cblas_sscal(length, (float) factor, a.floats().getPointer(from), 1);
    }
  }

  @Override
  public Matrix product(Matrix a, Matrix b) {
    Shapes.inner("product", a, a.columns(), b, b.rows());
    return gemm(a, false, b, false, a.rows(), b.columns());
  }

  @Override
  public Matrix transposedProduct(Matrix a, Matrix b) {
    Shapes.inner("transposedProduct", a, a.rows(), b, b.rows());
    return gemm(a, true, b, false, a.columns(), b.columns());
  }

  @Override
  public Matrix productTransposed(Matrix a, Matrix b) {
    Shapes.inner("productTransposed", a, a.columns(), b, b.columns());
    return gemm(a, false, b, true, a.rows(), b.rows());
  }

  private Matrix gemm(Matrix a, boolean ta, Matrix b, boolean tb, int rows, int columns) {
    if (a.rows() == 0 || a.columns() == 0 || b.rows() == 0 || b.columns() == 0) {
      return zeros(rows, columns, a.precision());
    }
    NativeMatrix c = NativeMatrix.uninitialized(backend, rows, columns, a.precision());
    backend.product(NativeMatrix.of(a), ta, NativeMatrix.of(b), tb, c);
    return c;
  }

  @Override
  public void subtractProductInPlace(Matrix c, Matrix a, Matrix b) {
    Shapes.inner("subtractProduct", a, a.columns(), b, b.rows());
    Shapes.samePrecision("subtractProduct", c, a);
    Shapes.target("subtractProduct", c, a.rows(), b.columns());
    NativeMatrix target = NativeMatrix.of(c);
    if (!target.isEmpty() && a.columns() > 0) {
      backend.addProduct(-1, NativeMatrix.of(a), false, NativeMatrix.of(b), false, target);
    }
  }

  @Override
  public double energy(Matrix a) {
    double sum = 0;
    for (double energy : columnEnergies(a)) {
      sum += energy;
    }
    return sum;
  }

  @Override
  public double[] columnEnergies(Matrix a) {
    double[] energies = new double[a.columns()];
    forEachChunk(
        NativeMatrix.of(a),
        (row, column, values, from, length) -> {
          energies[column] += energy(values, from, length);
        });
    return energies;
  }

  /** In four sums, since each addition to one waits for the one before. */
  private static double energy(double[] values, int from, int length) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int end = from + length;
    int i = from;
    for (; i < end - 3; i += 4) {
      first += values[i] * values[i];
      second += values[i + 1] * values[i + 1];
      third += values[i + 2] * values[i + 2];
      fourth += values[i + 3] * values[i + 3];
    }
    for (; i < end; i++) {
      first += values[i] * values[i];
    }
    return first + second + (third + fourth);
  }

  @Override
  public double[] rowEnergies(Matrix a) {
    double[] energies = new double[a.rows()];
    forEachChunk(
        NativeMatrix.of(a),
        (row, column, values, from, length) -> {
          for (int i = 0; i < length; i++) {
            energies[row + i] += values[from + i] * values[from + i];
          }
        });
    return energies;
  }

  /** Gets {@code length} elements of a column, from {@code row} on, as they lie in an array. */
  private interface ChunkVisitor {
    void visit(int row, int column, double[] values, int from, int length);
  }

  /** Copies whole columns out together where they are short, and long ones part by part. */
  private static void forEachChunk(NativeMatrix a, ChunkVisitor visitor) {
    if (a.isEmpty()) {
      return;
    }
    int m = a.rows();
    int chunk = (int) Math.min(m < CHUNK ? CHUNK - CHUNK % m : CHUNK, a.length());
    double[] values = new double[chunk];
    float[] floats = a.precision() == Precision.FLOAT32 ? new float[chunk] : new float[0];
    Pointer pointer = a.memory().pointer();
    int row = 0;
    int column = 0;
    for (long at = 0; at < a.length(); at += chunk) {
      int length = (int) Math.min(chunk, a.length() - at);
      if (pointer instanceof FloatPointer f) {
        f.position(at).get(floats, 0, length);
        for (int k = 0; k < length; k++) {
          values[k] = floats[k];
        }
      } else {
        ((DoublePointer) pointer).position(at).get(values, 0, length);
      }
      for (int from = 0; from < length; ) {
        int part = Math.min(m - row, length - from);
        visitor.visit(row, column, values, from, part);
        from += part;
        row += part;
        if (row == m) {
          row = 0;
          column++;
        }
      }
    }
    pointer.position(0);
  }

  @Override
  public void addOuterProductInPlace(Matrix g, Matrix a, double weight) {
    Shapes.symmetric(g);
    Shapes.target("addOuterProduct", g, a.rows(), a.rows());
    if (NativeMatrix.of(a).isEmpty()) {
      return;
    }
    try (MatrixScope scope = new MatrixScope()) {
      NativeMatrix d = asDouble(a, scope);
      backend.addSymmetricProduct(weight, d, false, NativeMatrix.of(g));
    }
  }

  @Override
  public Matrix gram(Matrix a) {
    int n = a.columns();
    if (NativeMatrix.of(a).isEmpty()) {
      return zeros(n, n, Precision.FLOAT64);
    }
    try (MatrixScope scope = new MatrixScope()) {
      NativeMatrix d = asDouble(a, scope);
      NativeMatrix gram = NativeMatrix.uninitialized(backend, n, n, Precision.FLOAT64);
      backend.symmetricProduct(d, true, gram);
      return gram;
    }
  }

  private NativeMatrix asDouble(Matrix a, MatrixScope scope) {
    return NativeMatrix.of(
        a.precision() == Precision.FLOAT64 ? a : scope.own(cast(a, Precision.FLOAT64)));
  }

  @Override
  public Qr qr(Matrix a) {
    int m = a.rows();
    int n = a.columns();
    int k = Math.min(m, n);
    if (k == 0) {
      return new Qr(zeros(m, 0, a.precision()), zeros(0, n, a.precision()));
    }
    try (MatrixScope scope = new MatrixScope()) {
      NativeMatrix work = NativeMatrix.of(scope.own(cast(a, a.precision())));
      if (a.precision() == Precision.FLOAT64) {
        DoublePointer tau = vector(k, Precision.FLOAT64, scope).doubles();
        Lapack.check("dgeqrf", LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, n, work.doubles(), m, tau));
        Matrix r = factorR(work, k, n);
        NativeMatrix q = NativeMatrix.of(k == n ? scope.release(work) : columns(work, 0, k));
        Lapack.check("dorgqr", LAPACKE_dorgqr(LAPACK_COL_MAJOR, m, k, k, q.doubles(), m, tau));
        return new Qr(q, r);
      }
      FloatPointer tau = vector(k, Precision.FLOAT32, scope).floats();
      Lapack.check("sgeqrf", LAPACKE_sgeqrf(LAPACK_COL_MAJOR, m, n, work.floats(), m, tau));
      Matrix r = factorR(work, k, n);
      NativeMatrix q = NativeMatrix.of(k == n ? scope.release(work) : columns(work, 0, k));
      Lapack.check("sorgqr", LAPACKE_sorgqr(LAPACK_COL_MAJOR, m, k, k, q.floats(), m, tau));
      return new Qr(q, r);
    }
  }

  /** What LAPACK writes so many numbers to. */
  private NativeMatrix vector(int length, Precision precision, MatrixScope scope) {
    return NativeMatrix.of(scope.own(NativeMatrix.uninitialized(backend, length, 1, precision)));
  }

  private Matrix factorR(NativeMatrix work, int k, int n) {
    int m = work.rows();
    double[] column = new double[k];
    float[] floats = new float[k];
    double[] r = new double[Math.multiplyExact(k, n)];
    for (int j = 0; j < n; j++) {
      int length = Math.min(j + 1, k);
      if (work.precision() == Precision.FLOAT64) {
        work.doubles().position((long) j * m).get(column, 0, length);
      } else {
        work.floats().position((long) j * m).get(floats, 0, length);
        for (int i = 0; i < length; i++) {
          column[i] = floats[i];
        }
      }
      System.arraycopy(column, 0, r, j * k, length);
    }
    work.memory().pointer().position(0);
    return inPrecision(r, k, n, work.precision());
  }

  private Matrix inPrecision(double[] values, int rows, int columns, Precision precision) {
    if (precision == Precision.FLOAT64) {
      return fromColumns(values, rows, columns);
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return fromColumns(floats, rows, columns);
  }

  @Override
  public LeftSvd leftSvd(Matrix a) {
    int m = a.rows();
    int n = a.columns();
    int k = Math.min(m, n);
    if (k == 0) {
      return new LeftSvd(zeros(m, 0, a.precision()), new double[0]);
    }
    double[] values = new double[k];
    try (MatrixScope scope = new MatrixScope()) {
      NativeMatrix work = NativeMatrix.of(scope.own(cast(a, a.precision())));
      NativeMatrix u = NativeMatrix.uninitialized(backend, m, k, a.precision());
      NativeMatrix vt = NativeMatrix.uninitialized(backend, k, n, a.precision());
      scope.own(u);
      scope.own(vt);
      if (a.precision() == Precision.FLOAT64) {
        DoublePointer s = vector(k, Precision.FLOAT64, scope).doubles();
        Lapack.check(
            "dgesdd",
            LAPACKE_dgesdd(
                LAPACK_COL_MAJOR,
                (byte) 'S',
                m,
                n,
                work.doubles(),
                m,
                s,
                u.doubles(),
                m,
                vt.doubles(),
                k));
        s.get(values);
      } else {
        FloatPointer s = vector(k, Precision.FLOAT32, scope).floats();
        Lapack.check(
            "sgesdd",
            LAPACKE_sgesdd(
                LAPACK_COL_MAJOR,
                (byte) 'S',
                m,
                n,
                work.floats(),
                m,
                s,
                u.floats(),
                m,
                vt.floats(),
                k));
        for (int i = 0; i < k; i++) {
          values[i] = s.get(i);
        }
      }
      return new LeftSvd(scope.release(u), values);
    }
  }

  @Override
  public Eigen symmetricEigen(Matrix g) {
    Shapes.symmetric(g);
    NativeMatrix vectors = upperTriangle(g);
    double[] values = eigenInPlace(vectors, (byte) 'V');
    if (values.length > 0) {
      reverseColumns(vectors);
    }
    return new Eigen(values, vectors);
  }

  /**
   * By the steps of LAPACK's dsyevd: a tridiagonal matrix, its eigenvectors, and turning these
   * back, here only those that are wanted.
   */
  @Override
  public Eigen symmetricEigen(Matrix g, ToIntFunction<double[]> count) {
    Shapes.symmetric(g);
    int n = g.rows();
    try (MatrixScope scope = new MatrixScope()) {
      NativeMatrix a = NativeMatrix.of(scope.own(upperTriangle(g)));
      double largest =
          n == 0 ? 0 : LAPACKE_dlansy(LAPACK_COL_MAJOR, (byte) 'M', (byte) 'U', n, a.doubles(), n);
      if (!(largest > LEAST_NORM && largest < LARGEST_NORM)) {
        // dsyevd scales these, and tells of NaN, for which dlansy gives a negative number.
        return LinearAlgebra.super.symmetricEigen(g, count);
      }
      DoublePointer d = vector(n, Precision.FLOAT64, scope).doubles();
      DoublePointer e = vector(n, Precision.FLOAT64, scope).doubles();
      DoublePointer tau = vector(n, Precision.FLOAT64, scope).doubles();
      Lapack.check(
          "dsytrd", LAPACKE_dsytrd(LAPACK_COL_MAJOR, (byte) 'U', n, a.doubles(), n, d, e, tau));
      double[] diagonal = new double[n];
      double[] beside = new double[n];
      d.get(diagonal);
      e.get(beside);
      double[] values;
      NativeMatrix vectors;
      try (TridiagonalEigen tridiagonal = new TridiagonalEigen(backend, n)) {
        values = tridiagonal.solve(diagonal, beside);
        int k = count.applyAsInt(values);
        Shapes.range(a, 0, k);
        vectors = tridiagonal.vectors(k);
        scope.own(vectors);
      }
      if (!vectors.isEmpty()) {
        Lapack.check(
            "dormtr",
            LAPACKE_dormtr(
                LAPACK_COL_MAJOR,
                (byte) 'L',
                (byte) 'U',
                (byte) 'N',
                n,
                vectors.columns(),
                a.doubles(),
                n,
                tau,
                vectors.doubles(),
                n));
      }
      return new Eigen(values, scope.release(vectors));
    }
  }

  @Override
  public double[] symmetricEigenvalues(Matrix g) {
    Shapes.symmetric(g);
    try (NativeMatrix work = upperTriangle(g)) {
      return eigenInPlace(work, (byte) 'N');
    }
  }

  /** A copy of what LAPACK reads of a symmetric matrix, above zeros. */
  private NativeMatrix upperTriangle(Matrix g) {
    int n = g.rows();
    NativeMatrix copy = NativeMatrix.uninitialized(backend, n, n, Precision.FLOAT64);
    if (!copy.isEmpty()) {
      DoublePointer target = copy.doubles();
      Pointer.memcpy(target, NativeMatrix.of(g).upperTriangle(), copy.sizeBytes());
      if (n > 1) {
        // Some routines look for NaN in all of it.
        DoublePointer below = target.getPointer(1);
        LAPACKE_dlaset_work(LAPACK_COL_MAJOR, (byte) 'L', n - 1, n - 1, 0, 0, below, n);
      }
    }
    return copy;
  }

  /** Replaces the matrix by its eigenvectors (ascending) if asked; the values come descending. */
  private double[] eigenInPlace(NativeMatrix a, byte job) {
    int n = a.rows();
    double[] values = new double[n];
    if (n > 0) {
      try (MatrixScope scope = new MatrixScope()) {
        DoublePointer w = vector(n, Precision.FLOAT64, scope).doubles();
        Lapack.check(
            "dsyevd", LAPACKE_dsyevd(LAPACK_COL_MAJOR, job, (byte) 'U', n, a.doubles(), n, w));
        w.get(values);
      }
      reverse(values);
    }
    return values;
  }

  static void reverse(double[] values) {
    for (int i = 0, j = values.length - 1; i < j; i++, j--) {
      double value = values[i];
      values[i] = values[j];
      values[j] = value;
    }
  }

  private static void reverseColumns(NativeMatrix a) {
    int n = a.rows();
    double[] left = new double[n];
    double[] right = new double[n];
    DoublePointer p = a.doubles();
    for (int i = 0, j = a.columns() - 1; i < j; i++, j--) {
      p.position((long) i * n).get(left, 0, n);
      p.position((long) j * n).get(right, 0, n);
      p.position((long) i * n).put(right, 0, n);
      p.position((long) j * n).put(left, 0, n);
    }
    p.position(0);
  }
}
