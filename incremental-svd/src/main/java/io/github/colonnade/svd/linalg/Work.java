package io.github.colonnade.svd.linalg;

import io.github.colonnade.svd.measure.SampledTime;
import io.github.colonnade.svd.measure.Sum;
import java.util.EnumMap;
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

  /** Products of fewer operations, of some microseconds, are short. */
  private static final long SHORT_PRODUCT = 1L << 18;

  /** Decompositions, slower by operation, whose sizes have a product of less are short. */
  private static final long SHORT_DECOMPOSITION = 1L << 15;

  private final IntConsumer eigenproblems;
  private final Sum products = new Sum();
  private final Sum operations = new Sum();
  private final SampledTime productTime = new SampledTime();
  private final Map<Decomposition, Sum> decompositions = Sum.each(Decomposition.class);
  private final Map<Decomposition, SampledTime> decompositionTimes =
      new EnumMap<>(Decomposition.class);

  /**
   * @param eigenproblems gets the number of rows of each symmetric matrix whose eigenvalues were
   *     computed, in the thread that did
   */
  public Work(IntConsumer eigenproblems) {
    this.eigenproblems = eigenproblems;
    for (Decomposition kind : Decomposition.values()) {
      decompositionTimes.put(kind, new SampledTime());
    }
  }

  /** Begins a product of m×k and k×n; {@link #endProduct} gets what this returns. */
  long beginProduct(int m, int n, int k) {
    long count = 2L * m * n * k;
    products.add(1);
    operations.add(count);
    return productTime.begin(count < SHORT_PRODUCT);
  }

  void endProduct(long begun) {
    productTime.end(begun);
  }

  /** Begins to decompose a matrix; {@link #endDecomposition} gets what this returns. */
  long beginDecomposition(Decomposition kind, Matrix a) {
    long size = (long) a.rows() * a.columns() * Math.min(a.rows(), a.columns());
    of(decompositions, kind).add(1);
    if (kind == Decomposition.EIGEN) {
      eigenproblems.accept(a.rows());
    }
    return of(decompositionTimes, kind).begin(size < SHORT_DECOMPOSITION);
  }

  void endDecomposition(Decomposition kind, long begun) {
    of(decompositionTimes, kind).end(begun);
  }

  private static <T> T of(Map<Decomposition, T> all, Decomposition kind) {
    return Objects.requireNonNull(all.get(kind));
  }

  /** Products of two matrices, a matrix and its transpose among them. */
  public long products() {
    return products.value();
  }

  /** 2·m·n·k for each product of m×k and k×n. */
  public long productOperations() {
    return operations.value();
  }

  /** What products took; of short ones, as {@link SampledTime} does. */
  public long productNanos() {
    return productTime.nanos();
  }

  public long decompositions(Decomposition kind) {
    return of(decompositions, kind).value();
  }

  public long decompositionNanos(Decomposition kind) {
    return of(decompositionTimes, kind).nanos();
  }
}
