package io.github.colonnade.tests.performance;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Decompositions of A: m×n and of the symmetric AᵀA, against LAPACK on memory that is there
 * already. LAPACK overwrites its input, so both sides copy it first.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class DecompositionBenchmark {

  /** m×n×n. */
  @Param({"32x16x16", "512x128x128"})
  public String shape;

  @Param({"FLOAT32", "FLOAT64"})
  public Precision precision;

  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private Matrix a;
  private Matrix gram;
  private NativeArray input;
  private NativeArray work;
  private NativeArray tau;
  private NativeArray values;
  private NativeArray u;
  private NativeArray vt;
  private NativeArray symmetric;
  private NativeArray vectors;
  private NativeArray eigenvalues;

  @Setup
  public void setUp() {
    Sizes sizes = Sizes.of(shape);
    int m = sizes.m();
    int n = sizes.n();
    double[] numbers = NativeArray.random(m, n);
    a = NativeArray.matrix(la, precision, numbers, m, n);
    gram = la.gram(a);
    input = NativeArray.of(precision, numbers, m, n);
    work = NativeArray.of(precision, numbers, m, n);
    tau = NativeArray.random(precision, n, 1);
    values = NativeArray.random(precision, n, 1);
    u = NativeArray.random(precision, m, n);
    vt = NativeArray.random(precision, n, n);
    symmetric = NativeArray.of(Precision.FLOAT64, gram.toDoubles(), n, n);
    vectors = NativeArray.random(Precision.FLOAT64, n, n);
    eigenvalues = NativeArray.random(Precision.FLOAT64, n, 1);
  }

  @Benchmark
  @Limit("qrOfLapack")
  public void qr() {
    Qr qr = la.qr(a);
    qr.q().close();
    qr.r().close();
  }

  @Benchmark
  public void qrOfLapack() {
    work.copyFrom(input);
    work.orthonormalize(tau);
  }

  @Benchmark
  @Limit("svdOfLapack")
  public void leftSvd() {
    la.leftSvd(a).vectors().close();
  }

  @Benchmark
  public void svdOfLapack() {
    work.copyFrom(input);
    work.svd(u, values, vt);
  }

  /** In double, whatever A is. */
  @Benchmark
  @Limit("eigenOfLapack")
  public void symmetricEigen() {
    la.symmetricEigen(gram).vectors().close();
  }

  @Benchmark
  public void eigenOfLapack() {
    vectors.copyFrom(symmetric);
    vectors.eigen(eigenvalues);
  }
}
