package io.github.colonnade.svd.linalg;

import io.github.colonnade.svd.measure.Sum;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntConsumer;

/**
 * How much a {@link MeasuredLinearAlgebra} has done. One thread at a time does it; any thread may
 * read.
 */
public final class Work {

  /** The kinds of decompositions. */
  public enum Decomposition {
    /** Eigenvalues of a symmetric matrix, with or without vectors. */
    EIGEN,
    /** Singular values and left vectors. */
    SVD,
    QR
  }

  private final IntConsumer eigenproblems;
  private final Sum products = new Sum();
  private final Sum productNanos = new Sum();
  private final Sum operations = new Sum();
  private final Map<Decomposition, Sum> decompositions = Sum.each(Decomposition.class);
  private final Map<Decomposition, Sum> decompositionNanos = Sum.each(Decomposition.class);

  /**
   * @param eigenproblems gets the number of rows of each symmetric matrix whose eigenvalues were
   *     computed, in the thread that did
   */
  public Work(IntConsumer eigenproblems) {
    this.eigenproblems = eigenproblems;
  }

  /**
   * @param started from {@link System#nanoTime}
   */
  void product(int m, int n, int k, long started) {
    productNanos.add(System.nanoTime() - started);
    products.add(1);
    operations.add(2L * m * n * k);
  }

  void decomposition(Decomposition kind, long started) {
    of(decompositionNanos, kind).add(System.nanoTime() - started);
    of(decompositions, kind).add(1);
  }

  void eigenproblem(int rows, long started) {
    decomposition(Decomposition.EIGEN, started);
    eigenproblems.accept(rows);
  }

  private static Sum of(Map<Decomposition, Sum> sums, Decomposition kind) {
    return Objects.requireNonNull(sums.get(kind));
  }

  /** Products of two matrices, a matrix and its transpose among them. */
  public long products() {
    return products.value();
  }

  /** 2·m·n·k for each product of m×k and k×n. */
  public long productOperations() {
    return operations.value();
  }

  public long productNanos() {
    return productNanos.value();
  }

  public long decompositions(Decomposition kind) {
    return of(decompositions, kind).value();
  }

  public long decompositionNanos(Decomposition kind) {
    return of(decompositionNanos, kind).value();
  }
}
