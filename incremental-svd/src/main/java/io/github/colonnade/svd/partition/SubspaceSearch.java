package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds subspaces of few dimensions that many columns of a sample lie near.
 *
 * <p>The columns at the smallest angles to one that has no subspace yet span about the subspace of
 * that one, and all columns near that span it better. A sample without such subspaces is given up
 * soon.
 */
final class SubspaceSearch implements AutoCloseable {

  /** Columns of which no more than this share of the energy lies outside belong to a subspace. */
  static final double NEAR = 0.05;

  /** The same while a subspace is known by some neighbours only. */
  private static final double ROUGHLY_NEAR = 0.5;

  private static final int MOST_NEIGHBOURS = 24;

  /** The most columns that a basis is made of. */
  private static final int MEMBERS = 128;

  /** The share of the energy of a subspace's columns that its basis may leave out. */
  private static final double LEFT_OUT = 0.01;

  /** Subspaces have no more dimensions than the m-th part of this, to be of use. */
  private static final int ROWS_PER_DIMENSION = 8;

  /** After so many columns in a row without a subspace there are none. */
  private static final int PATIENCE = 8;

  private final LinearAlgebra la;
  private final int mostDimensions;
  private final int neighbours;
  private final MatrixScope found = new MatrixScope();
  private final List<Matrix> bases = new ArrayList<>();

  // Columns that are in no subspace are free; those before next have been tried. Of the others at
  // most half are still in the sample.
  private Matrix sample;
  private boolean[] isFree;
  private int next;

  /**
   * @param sample columns of norm 1, owned by this from now on
   */
  SubspaceSearch(LinearAlgebra la, Matrix sample) {
    this.la = la;
    this.mostDimensions = sample.rows() / ROWS_PER_DIMENSION;
    this.neighbours = Math.min(MOST_NEIGHBOURS, mostDimensions + 1);
    this.sample = sample;
    this.isFree = new boolean[sample.columns()];
    Arrays.fill(isFree, true);
  }

  /** Orthonormal bases of the subspaces, open as long as this is. */
  List<Matrix> run() {
    int failures = 0;
    while (failures < PATIENCE && next < isFree.length) {
      int center = next++;
      if (isFree[center]) {
        failures = findAround(center) ? 0 : failures + 1;
      }
    }
    return bases;
  }

  /** Whether a column is in a subspace with others, which are not free any more then. */
  private boolean findAround(int center) {
    int[] near;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix neighbours = scope.own(la.selectColumns(sample, neighbours(center)));
      near = near(scope.own(la.leftSvd(neighbours)).vectors(), ROUGHLY_NEAR);
    }
    if (near.length <= neighbours) {
      return false;
    }
    int[] some = Arrays.copyOf(near, Math.min(near.length, MEMBERS));
    try (MatrixScope scope = new MatrixScope()) {
      LeftSvd svd = scope.own(la.leftSvd(scope.own(la.selectColumns(sample, some))));
      int p = dimension(svd.values(), some.length);
      if (p == 0) {
        return false;
      }
      Matrix basis = scope.own(la.columns(svd.vectors(), 0, p));
      int[] members = near(basis, NEAR);
      // Any p columns are near what they span.
      if (3 * members.length < 4 * p) {
        return false;
      }
      bases.add(found.own(scope.release(basis)));
      take(members);
      return true;
    }
  }

  /** The free columns at the smallest angles to one, that one among them. */
  private int[] neighbours(int center) {
    double[] cosines;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix column = scope.own(la.columns(sample, center, center + 1));
      cosines = scope.own(la.transposedProduct(column, sample)).toDoubles();
    }
    return IntStream.range(0, isFree.length)
        .filter(i -> isFree[i])
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -Math.abs(cosines[i])))
        .limit(neighbours)
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** The free columns of which no more than a share lies outside a span. */
  private int[] near(Matrix span, double share) {
    double[] inside;
    try (Matrix projection = la.transposedProduct(span, sample)) {
      inside = la.columnEnergies(projection);
    }
    return IntStream.range(0, isFree.length)
        .filter(i -> isFree[i] && inside[i] >= 1 - share)
        .toArray();
  }

  /**
   * The dimension of a subspace: enough to leave out little, and from there to twice as many where
   * the singular values fall most, since a few columns may show a direction less than others do.
   *
   * @param sigmas of columns of norm 1
   * @return 0 if there are to be more than {@link #mostDimensions}
   */
  private int dimension(double[] sigmas, int columns) {
    int end = Math.min(mostDimensions, sigmas.length - 1);
    int p = 0;
    double left = columns;
    while (p < end && left > LEFT_OUT * columns) {
      left -= sigmas[p] * sigmas[p];
      p++;
    }
    if (left > LEFT_OUT * columns) {
      return 0;
    }
    int best = p;
    for (int i = p; i <= Math.min(2 * p, end); i++) {
      if (sigmas[best] * sigmas[i - 1] > sigmas[i] * sigmas[best - 1]) {
        best = i;
      }
    }
    return best;
  }

  private void take(int[] members) {
    for (int each : members) {
      isFree[each] = false;
    }
    int[] free = IntStream.range(0, isFree.length).filter(i -> isFree[i]).toArray();
    if (2 * free.length <= isFree.length) {
      int tried = next;
      next = (int) Arrays.stream(free).filter(i -> i < tried).count();
      Matrix left = la.selectColumns(sample, free);
      sample.close();
      sample = left;
      isFree = new boolean[free.length];
      Arrays.fill(isFree, true);
    }
  }

  @Override
  public void close() {
    sample.close();
    found.close();
  }
}
