package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Subspaces of few dimensions that many single columns of a family lie near, as the columns of
 * matrices often do that are low-rank together. They tell which columns may be near a seed ({@link
 * NearColumns}) for a small part of what products with all columns take.
 *
 * <p>They are found in a sample ({@link SubspaceSearch}).
 */
final class LocalSubspaces implements AutoCloseable {

  /** Below so many columns for each row the subspaces cost more than they save. */
  private static final int LEAST_COLUMNS_PER_ROW = 16;

  /** Of the columns that subspaces are found in. */
  private static final int SAMPLE = 8192;

  /** Columns that are multiplied together, and directions. */
  private static final int BATCH_COLUMNS = 4096;

  private static final int BATCH_DIRECTIONS = 256;

  private final LinearAlgebra la;

  // [V₁ … V_G]: m×Σp, of which subspace i has the columns starts[i] to starts[i + 1].
  private final Matrix bases;
  private final int[] starts;
  private final List<NearColumns> groups = new ArrayList<>();

  // G of the seed that is looked at, of each subspace that has columns.
  private final double[][] grams;

  /**
   * @param found bases of subspaces, which stay the caller's
   */
  private LocalSubspaces(Family family, List<Matrix> found) {
    this.la = family.algebra();
    this.starts = new int[found.size() + 1];
    for (int i = 0; i < found.size(); i++) {
      starts[i + 1] = starts[i] + found.get(i).columns();
    }
    this.grams = new double[found.size()][];
    this.bases =
        found.isEmpty() ? la.zeros(family.rows(), 0, family.precision()) : la.concatenate(found);
  }

  /** For a family of which subspaces are not worth finding. */
  static LocalSubspaces none(Family family) {
    return new LocalSubspaces(family, List.of());
  }

  /**
   * @param blocks positions in the family
   */
  static LocalSubspaces of(Family family, int[] blocks) {
    int[] single = Arrays.stream(blocks).filter(each -> isColumn(family.block(each))).toArray();
    if (single.length < (long) LEAST_COLUMNS_PER_ROW * family.rows()) {
      return none(family);
    }
    LocalSubspaces subspaces;
    try (SubspaceSearch search = new SubspaceSearch(family.algebra(), sample(family, single))) {
      subspaces = new LocalSubspaces(family, search.run());
    }
    try {
      subspaces.assign(family, single);
      return subspaces;
    } catch (RuntimeException e) {
      subspaces.close();
      throw e;
    }
  }

  /** Whether a block, or what a sketch keeps of it, is one column that a norm of 1 can be given. */
  private static boolean isColumn(BlockSketch block) {
    return block.factor().columns() == 1
        && Float.isFinite((float) (1 / Math.sqrt(block.spectrum().capturedEnergy(1))));
  }

  private static double energy(Family family, int block) {
    return family.block(block).spectrum().capturedEnergy(1);
  }

  /** The columns near a subspace, in groups. */
  List<NearColumns> groups() {
    return Collections.unmodifiableList(groups);
  }

  /** Some columns, each of norm 1. */
  private static Matrix sample(Family family, int[] single) {
    int size = Math.min(SAMPLE, single.length);
    List<Matrix> factors = new ArrayList<>(size);
    double[] scales = new double[size];
    for (int i = 0; i < size; i++) {
      int block = single[(int) ((long) i * single.length / size)];
      factors.add(family.block(block).factor());
      scales[i] = 1 / Math.sqrt(energy(family, block));
    }
    LinearAlgebra la = family.algebra();
    try (Matrix all = la.concatenate(factors)) {
      return la.scaleColumns(all, scales);
    }
  }

  // Finding the columns near each.

  private void assign(Family family, int[] single) {
    int count = starts.length - 1;
    List<List<Near>> near = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      near.add(new ArrayList<>());
    }
    int[] left = single;
    for (int from = 0; from < count; ) {
      int to = from + 1;
      while (to < count && starts[to + 1] - starts[from] <= BATCH_DIRECTIONS) {
        to++;
      }
      left = assign(family, left, from, to, near);
      from = to;
    }
    for (int i = 0; i < count; i++) {
      group(i, near.set(i, List.of()));
    }
  }

  /** One column near a subspace. */
  private record Near(int block, double energy, double[] coordinates) {}

  /** Looks for the columns near some subspaces, and returns those that are near none. */
  private int[] assign(Family family, int[] blocks, int from, int to, List<List<Near>> near) {
    IntStream.Builder left = IntStream.builder();
    try (Matrix some = la.columns(bases, starts[from], starts[to])) {
      for (int begin = 0; begin < blocks.length; begin += BATCH_COLUMNS) {
        int end = Math.min(blocks.length, begin + BATCH_COLUMNS);
        double[] projections;
        try (MatrixScope scope = new MatrixScope()) {
          List<Matrix> factors = new ArrayList<>(end - begin);
          for (int i = begin; i < end; i++) {
            factors.add(family.block(blocks[i]).factor());
          }
          Matrix batch = scope.own(la.concatenate(factors));
          projections = scope.own(la.transposedProduct(some, batch)).toDoubles();
        }
        for (int i = begin; i < end; i++) {
          double energy = energy(family, blocks[i]);
          int at = (i - begin) * some.columns();
          int subspace = nearest(projections, at, from, to, (1 - SubspaceSearch.NEAR) * energy);
          if (subspace < 0) {
            left.add(blocks[i]);
          } else {
            int start = at + starts[subspace] - starts[from];
            int p = starts[subspace + 1] - starts[subspace];
            near.get(subspace)
                .add(
                    new Near(blocks[i], energy, Arrays.copyOfRange(projections, start, start + p)));
          }
        }
      }
    }
    return left.build().toArray();
  }

  /** The subspace that most of a column lies in, if that is so much; −1 otherwise. */
  private int nearest(double[] projections, int at, int from, int to, double least) {
    int nearest = -1;
    double most = least;
    for (int subspace = from; subspace < to; subspace++) {
      double inside = 0;
      for (int i = starts[subspace] - starts[from]; i < starts[subspace + 1] - starts[from]; i++) {
        inside += projections[at + i] * projections[at + i];
      }
      if (inside >= most) {
        most = inside;
        nearest = subspace;
      }
    }
    return nearest;
  }

  private void group(int subspace, List<Near> near) {
    near.sort(Comparator.comparingDouble(Near::energy).thenComparingInt(Near::block));
    for (int begin = 0; begin < near.size(); begin += NearColumns.MOST) {
      List<Near> some = near.subList(begin, Math.min(near.size(), begin + NearColumns.MOST));
      int n = some.size();
      int p = starts[subspace + 1] - starts[subspace];
      double[][] coordinates = new double[NearColumns.padded(p)][n];
      for (int b = 0; b < n; b++) {
        for (int i = 0; i < p; i++) {
          coordinates[i][b] = some.get(b).coordinates[i];
        }
      }
      groups.add(
          new NearColumns(
              subspace,
              some.stream().mapToInt(Near::block).toArray(),
              some.stream().mapToDouble(Near::energy).toArray(),
              coordinates));
    }
  }

  // Bounds for a seed.

  /**
   * Begins with a seed, and returns the groups of columns of which any is available; groups of the
   * seed before are the same.
   *
   * @param q m×k with orthonormal columns
   * @param isAvailable by position in the family
   */
  List<NearColumns> begin(Matrix q, boolean[] isAvailable) {
    if (groups.isEmpty()) {
      return List.of();
    }
    double[] w;
    try (Matrix product = la.transposedProduct(bases, q)) {
      w = product.toDoubles();
    }
    double[] largest = new double[grams.length];
    Arrays.fill(largest, -1);
    for (NearColumns each : groups) {
      int i = each.subspace();
      if (largest[i] < 0) {
        grams[i] = outerProduct(w, starts[i], starts[i + 1], q.columns());
        largest[i] = largestEigenvalue(grams[i], starts[i + 1] - starts[i]);
      }
    }
    groups.removeIf(each -> !each.begin(isAvailable, largest[each.subspace()]));
    return groups();
  }

  /** G of the subspace of some columns for the seed that was begun with. */
  double[] gram(NearColumns near) {
    return grams[near.subspace()];
  }

  /** WWᵀ of some rows of a matrix with k columns, with zeros around it. */
  private double[] outerProduct(double[] all, int from, int to, int k) {
    int p = to - from;
    int stride = NearColumns.padded(p);
    int height = starts[starts.length - 1];
    double[][] w = new double[NearColumns.padded(k)][p];
    for (int column = 0; column < k; column++) {
      System.arraycopy(all, column * height + from, w[column], 0, p);
    }
    double[] g = new double[stride * stride];
    double[] sums = new double[p];
    for (int j = 0; j < p; j++) {
      Arrays.fill(sums, 0);
      for (int column = 0; column < k; column += 4) {
        double[] w0 = w[column];
        double[] w1 = w[column + 1];
        double[] w2 = w[column + 2];
        double[] w3 = w[column + 3];
        NearColumns.addFour(w0[j], w0, w1[j], w1, w2[j], w2, w3[j], w3, sums);
      }
      System.arraycopy(sums, 0, g, j * stride, p);
    }
    return g;
  }

  /**
   * A bound on the largest eigenvalue of a symmetric p×p matrix: μ + s·√(p − 1), where μ = tr G / p
   * and s² = ‖G‖²/p − μ² (H. Wolkowicz and G. P. H. Styan, Bounds for eigenvalues using traces,
   * 1980, theorem 2.1).
   */
  private static double largestEigenvalue(double[] g, int p) {
    double trace = 0;
    double energy = 0;
    int stride = NearColumns.padded(p);
    for (int i = 0; i < p; i++) {
      trace += g[i + i * stride];
    }
    for (double each : g) {
      energy += each * each;
    }
    double mean = trace / p;
    return mean + Math.sqrt(Math.max(0, energy / p - mean * mean) * (p - 1));
  }

  @Override
  public void close() {
    bases.close();
  }
}
