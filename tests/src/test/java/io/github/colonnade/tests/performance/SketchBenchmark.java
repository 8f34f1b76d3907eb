package io.github.colonnade.tests.performance;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import io.github.colonnade.tests.performance.Done.Operations;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Appending A: m×n to a sketch of k directions, and merging two such sketches, which appends k
 * columns.
 *
 * <p>With p = min(n, m − k) new directions, the products of an append take
 *
 * <pre>
 *   8·m·k·n                  Y = QᵀA and R = A − Q·Y, twice
 *   m·n·(n + 1)              RᵀR, in double
 *   2·m·n·p + 4·m·k·p        U = R·V, and what is left of Q in it
 *   2·m·p·n                  UᵀR
 *   n·(k + p)·(k + p + 1)    X·Xᵀ, in double
 *   2·m·(k + p)·k            [Q, U] times the leading eigenvectors
 * </pre>
 *
 * operations. One limit is OpenBLAS at these on memory that is there already. The other has the
 * decompositions between them too: eigenvectors of n×n and of (k + p)×(k + p) in double, and the QR
 * of U.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class SketchBenchmark {

  /** m×k×n. */
  @Param({"128x16x16", "256x32x64", "1024x128x128"})
  public String shape;

  @Param({"FLOAT32", "FLOAT64"})
  public Precision precision;

  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private Sketcher sketcher;
  private Sketch sketch;
  private Sketch other;
  private Matrix block;
  private Routines append;
  private Routines merge;

  @Setup
  public void setUp() {
    Sizes sizes = Sizes.of(shape);
    int m = sizes.m();
    int k = sizes.r();
    int n = sizes.n();
    sketcher = new Sketcher(la, precision, k);
    sketch = sketch(NativeArray.random(m, k), m, k);
    // Another seed than that of the first.
    other = sketch(NativeArray.random(m, k + 1), m, k + 1);
    block = NativeArray.matrix(la, precision, NativeArray.random(m, n + 2), m, n + 2);
    try (Matrix wider = block) {
      block = la.columns(wider, 0, n);
    }
    append = new Routines(precision, m, k, n);
    merge = new Routines(precision, m, k, k);
  }

  private Sketch sketch(double[] numbers, int m, int n) {
    try (Matrix a = NativeArray.matrix(la, precision, numbers, m, n)) {
      return sketcher.sketch(a);
    }
  }

  @Benchmark
  @Limit({"appendProducts", "appendRoutines"})
  public void append(Operations done) {
    sketcher.append(sketch, block).close();
    done.gflop += append.gflop;
  }

  @Benchmark
  public void appendProducts(Operations done) {
    append.products();
    done.gflop += append.gflop;
  }

  @Benchmark
  public void appendRoutines(Operations done) {
    append.products();
    append.decompositions();
    done.gflop += append.gflop;
  }

  @Benchmark
  @Limit({"mergeProducts", "mergeRoutines"})
  public void merge(Operations done) {
    sketcher.merge(sketch, other).close();
    done.gflop += merge.gflop;
  }

  @Benchmark
  public void mergeProducts(Operations done) {
    merge.products();
    done.gflop += merge.gflop;
  }

  @Benchmark
  public void mergeRoutines(Operations done) {
    merge.products();
    merge.decompositions();
    done.gflop += merge.gflop;
  }

  /** What an append calls, on numbers that keep their size: none depends on another's result. */
  private static final class Routines {
    final double gflop;
    private final NativeArray q;
    private final NativeArray y;
    private final NativeArray r;
    private final NativeArray wideR;
    private final NativeArray gram;
    private final NativeArray v;
    private final NativeArray u;
    private final NativeArray overlap;
    private final NativeArray outside;
    private final NativeArray x;
    private final NativeArray outer;
    private final NativeArray extended;
    private final NativeArray rotation;
    private final NativeArray basis;
    private final NativeArray smallSymmetric;
    private final NativeArray largeSymmetric;
    private final NativeArray residual;
    private final NativeArray values;
    private final NativeArray tau;

    Routines(Precision precision, int m, int k, int n) {
      int p = Math.min(n, m - k);
      double products =
          8.0 * m * k * n
              + 1.0 * m * n * (n + 1)
              + 4.0 * m * n * p
              + 4.0 * m * k * p
              + 1.0 * n * (k + p) * (k + p + 1)
              + 2.0 * m * (k + p) * k;
      gflop = 1e-9 * products;
      Precision wide = Precision.FLOAT64;
      q = NativeArray.of(precision, new double[m * k], m, k);
      y = NativeArray.random(precision, k, n);
      r = NativeArray.random(precision, m, n);
      wideR = NativeArray.random(wide, m, n);
      gram = NativeArray.random(wide, n, n);
      v = NativeArray.random(precision, n, p);
      u = NativeArray.random(precision, m, p);
      overlap = NativeArray.random(precision, k, p);
      outside = NativeArray.random(precision, p, n);
      x = NativeArray.random(wide, k + p, n);
      outer = NativeArray.random(wide, k + p, k + p);
      extended = NativeArray.random(precision, m, k + p);
      rotation = NativeArray.random(precision, k + p, k);
      basis = NativeArray.random(precision, m, k);
      smallSymmetric = symmetric(n);
      largeSymmetric = symmetric(k + p);
      residual = NativeArray.random(precision, m, p);
      values = NativeArray.random(wide, Math.max(n, k + p), 1);
      tau = NativeArray.random(precision, p, 1);
    }

    private static NativeArray symmetric(int n) {
      double[] numbers = NativeArray.random(n, n);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
          numbers[i + j * n] = numbers[j + i * n];
        }
      }
      return NativeArray.of(Precision.FLOAT64, numbers, n, n);
    }

    void products() {
      for (int pass = 0; pass < 2; pass++) {
        y.gemm(1, q, true, r, 0);
        r.gemm(-1, q, false, y, 1);
      }
      gram.syrk(wideR, true, 0);
      u.gemm(1, r, false, v, 0);
      overlap.gemm(1, q, true, u, 0);
      u.gemm(-1, q, false, overlap, 1);
      outside.gemm(1, u, true, r, 0);
      outer.syrk(x, false, 0);
      basis.gemm(1, extended, false, rotation, 0);
    }

    void decompositions() {
      gram.copyFrom(smallSymmetric);
      gram.eigen(values);
      outer.copyFrom(largeSymmetric);
      outer.eigen(values);
      u.copyFrom(residual);
      u.orthonormalize(tau);
    }
  }
}
