package io.github.colonnade.tests.performance;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.tests.performance.Done.Operations;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Products of a basis U: m×r, a block A: m×n and coefficients C: r×n, against OpenBLAS on memory
 * that is there already. A product takes 2·m·r·n operations; AᵀA and A·Aᵀ are symmetric and take
 * m·n·(n + 1) and n·m·(m + 1). The program makes these two in double whatever A is, so the limit is
 * that of double, without turning A into double.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class ProductBenchmark {

  /** m×r×n. */
  @Param({"32x8x16", "256x32x64", "1024x1024x1024"})
  public String shape;

  @Param({"FLOAT32", "FLOAT64"})
  public Precision precision;

  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private Matrix u;
  private Matrix a;
  private Matrix c;
  private Matrix difference;
  private Matrix outer;
  private NativeArray nativeU;
  private NativeArray nativeA;
  private NativeArray nativeC;
  private NativeArray wideA;
  private NativeArray intoBlock;
  private NativeArray intoCoefficients;
  private NativeArray intoInner;
  private NativeArray intoOuter;
  private double gflop;
  private double innerGflop;
  private double outerGflop;

  @Setup
  public void setUp() {
    Sizes sizes = Sizes.of(shape);
    int m = sizes.m();
    int r = sizes.r();
    int n = sizes.n();
    double[] basis = NativeArray.random(m, r);
    double[] block = NativeArray.random(m, n);
    double[] coefficients = NativeArray.random(r, n);
    u = NativeArray.matrix(la, precision, basis, m, r);
    a = NativeArray.matrix(la, precision, block, m, n);
    c = NativeArray.matrix(la, precision, coefficients, r, n);
    difference = la.zeros(m, n, precision);
    outer = la.zeros(m, m, Precision.FLOAT64);
    nativeU = NativeArray.of(precision, basis, m, r);
    nativeA = NativeArray.of(precision, block, m, n);
    nativeC = NativeArray.of(precision, coefficients, r, n);
    wideA = NativeArray.of(Precision.FLOAT64, block, m, n);
    intoBlock = NativeArray.random(precision, m, n);
    intoCoefficients = NativeArray.random(precision, r, n);
    intoInner = NativeArray.random(Precision.FLOAT64, n, n);
    intoOuter = NativeArray.random(Precision.FLOAT64, m, m);
    gflop = 2e-9 * m * r * n;
    innerGflop = 1e-9 * m * n * (n + 1);
    outerGflop = 1e-9 * n * m * (m + 1);
  }

  /** U·C. */
  @Benchmark
  @Limit("productOfBlas")
  public void product(Operations done) {
    la.product(u, c).close();
    done.gflop += gflop;
  }

  @Benchmark
  public void productOfBlas(Operations done) {
    intoBlock.gemm(1, nativeU, false, nativeC, 0);
    done.gflop += gflop;
  }

  /** Uᵀ·A. */
  @Benchmark
  @Limit("transposedProductOfBlas")
  public void transposedProduct(Operations done) {
    la.transposedProduct(u, a).close();
    done.gflop += gflop;
  }

  @Benchmark
  public void transposedProductOfBlas(Operations done) {
    intoCoefficients.gemm(1, nativeU, true, nativeA, 0);
    done.gflop += gflop;
  }

  /** D ← D − U·C. */
  @Benchmark
  @Limit("subtractedProductOfBlas")
  public void subtractProductInPlace(Operations done) {
    la.subtractProductInPlace(difference, u, c);
    done.gflop += gflop;
  }

  @Benchmark
  public void subtractedProductOfBlas(Operations done) {
    intoBlock.gemm(-1, nativeU, false, nativeC, 1);
    done.gflop += gflop;
  }

  /** Aᵀ·A in double. */
  @Benchmark
  @Limit("gramOfBlas")
  public void gram(Operations done) {
    la.gram(a).close();
    done.gflop += innerGflop;
  }

  @Benchmark
  public void gramOfBlas(Operations done) {
    intoInner.syrk(wideA, true, 0);
    done.gflop += innerGflop;
  }

  /** G ← G + A·Aᵀ in double. */
  @Benchmark
  @Limit("outerProductOfBlas")
  public void addOuterProductInPlace(Operations done) {
    la.addOuterProductInPlace(outer, a, 1);
    done.gflop += outerGflop;
  }

  @Benchmark
  public void outerProductOfBlas(Operations done) {
    intoOuter.syrk(wideA, false, 1);
    done.gflop += outerGflop;
  }
}
