package io.github.colonnade.svd.partition;

import java.util.Arrays;

/**
 * Some columns of a family (blocks of one column, or of which a sketch keeps one) near one subspace
 * of few dimensions, and which of them has the smallest residual outside the span of a seed.
 *
 * <p>With V an orthonormal basis of the subspace, m×p, each column is x = Vc + e. For any Q: m×k
 * with orthonormal columns
 *
 * <pre>  ‖Qᵀx‖ ≤ ‖QᵀVc‖ + ‖e‖,   ‖QᵀVc‖² = cᵀGc ≤ λ₁(G)·‖x‖²,   G = WWᵀ,   W = VᵀQ: p×k,</pre>
 *
 * so that p² operations tell of a column what else takes m·k, and λ₁ something of all columns
 * together. A residual itself is asked for only when its bound comes first.
 */
final class NearColumns {

  /** Columns that are together; more would be looked at for the sake of the first. */
  static final int MOST = 128;

  /** Coordinates are some fours, of which the last may be zero. */
  private static final int FOUR = 4;

  /**
   * The share of ‖x‖² that is allowed for rounding in V, c, Q and residuals, in float32: with up to
   * some thousand rows a hundred times what it usually is, √m·u.
   */
  private static final double ROUNDING = 1e-4;

  private final int subspace;
  private final int[] blocks;
  private final double[] energies;
  private final double[] outside;
  private final double[][] coordinates;
  private final double mostOutside;

  // Of the seed that is looked at. Invariants:
  // 1. residuals[b] is infinite for a column that has a cluster or was taken, and no larger than
  //    the residual energy of any other; it is that energy if isExact[b].
  // 2. residuals[first] is the smallest; of equal ones that of the first position.
  private final double[] residuals;
  private final boolean[] isExact;
  private boolean isBounded;
  private int first;

  /** The next p that columns may have: more coordinates are zero. */
  static int padded(int dimension) {
    return (dimension + FOUR - 1) / FOUR * FOUR;
  }

  /**
   * @param subspace its number
   * @param blocks positions in the family, smallest energy first
   * @param energies ‖x‖², none zero
   * @param coordinates c, {@link #padded} p of them: {@code coordinates[i][b]} is of column b
   */
  NearColumns(int subspace, int[] blocks, double[] energies, double[][] coordinates) {
    this.subspace = subspace;
    this.blocks = blocks;
    this.energies = energies;
    this.coordinates = coordinates;
    this.residuals = new double[blocks.length];
    this.isExact = new boolean[blocks.length];
    this.outside = energies.clone();
    for (double[] each : coordinates) {
      for (int b = 0; b < blocks.length; b++) {
        outside[b] -= each[b] * each[b];
      }
    }
    double most = 0;
    for (int b = 0; b < blocks.length; b++) {
      outside[b] = Math.sqrt(Math.max(0, outside[b]) + ROUNDING * energies[b]);
      most = Math.max(most, outside[b] / Math.sqrt(energies[b]));
    }
    this.mostOutside = most;
  }

  /** The number of the subspace. */
  int subspace() {
    return subspace;
  }

  int[] blocks() {
    return blocks.clone();
  }

  /**
   * Begins with a seed.
   *
   * @param isAvailable by position in the family
   * @param largest no less than λ₁
   * @return whether any column is available
   */
  boolean begin(boolean[] isAvailable, double largest) {
    isBounded = false;
    double inside = Math.sqrt(largest) + mostOutside;
    double share = Math.max(0, 1 - inside * inside - ROUNDING);
    for (int b = 0; b < blocks.length; b++) {
      isExact[b] = false;
      residuals[b] = isAvailable[blocks[b]] ? share * energies[b] : Double.POSITIVE_INFINITY;
    }
    return findFirst();
  }

  /** Which column may have the smallest residual, by its position in the family. */
  int first() {
    return blocks[first];
  }

  /** A bound below all residual energies, or that of the first. */
  double least() {
    return residuals[first];
  }

  /** Whether {@link #least} is the residual energy of {@link #first}. */
  boolean isFirstExact() {
    return isExact[first];
  }

  /** Whether the bounds are those of single columns. */
  boolean isBounded() {
    return isBounded;
  }

  /**
   * Finds the bounds of single columns.
   *
   * @param g G: p×p, padded likewise
   */
  void bound(double[] g) {
    int n = blocks.length;
    int p = coordinates.length;
    double[] inside = new double[n];
    double[] row = new double[n];
    for (int i = 0; i < p; i++) {
      // Fours left of the diagonal are those above it.
      int diagonal = i - i % FOUR;
      Arrays.fill(row, 0);
      addFour(1, g, i + diagonal * p, p, coordinates, diagonal, row);
      for (int j = diagonal + FOUR; j < p; j += FOUR) {
        addFour(2, g, i + j * p, p, coordinates, j, row);
      }
      addProducts(coordinates[i], row, inside);
    }
    for (int b = 0; b < n; b++) {
      double most = Math.sqrt(Math.max(0, inside[b])) + outside[b];
      double bound = (1 - ROUNDING) * energies[b] - most * most;
      residuals[b] = Math.max(residuals[b], bound);
    }
    isBounded = true;
    findFirst();
  }

  // Loops that Java turns into vector instructions: each array is another, and begins at 0.

  /** Adds to each sum four coordinates times every {@code stride}-th factor. */
  private static void addFour(
      double weight, double[] factors, int at, int stride, double[][] c, int i, double[] sums) {
    addFour(
        weight * factors[at],
        c[i],
        weight * factors[at + stride],
        c[i + 1],
        weight * factors[at + 2 * stride],
        c[i + 2],
        weight * factors[at + 3 * stride],
        c[i + 3],
        sums);
  }

  /** Adds to the sums four vectors, each times its factor. */
  static void addFour(
      double f0,
      double[] c0,
      double f1,
      double[] c1,
      double f2,
      double[] c2,
      double f3,
      double[] c3,
      double[] sums) {
    for (int b = 0; b < sums.length; b++) {
      sums[b] += f0 * c0[b] + f1 * c1[b] + f2 * c2[b] + f3 * c3[b];
    }
  }

  private static void addProducts(double[] a, double[] b, double[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += a[i] * b[i];
    }
  }

  /** Tells the residual energy of {@link #first}. */
  void tellFirst(double residual) {
    residuals[first] = residual;
    isExact[first] = true;
    findFirst();
  }

  /**
   * Takes {@link #first} away.
   *
   * @return whether any is left
   */
  boolean takeFirst() {
    residuals[first] = Double.POSITIVE_INFINITY;
    return findFirst();
  }

  private boolean findFirst() {
    first = 0;
    for (int b = 1; b < blocks.length; b++) {
      if (residuals[b] < residuals[first]
          || (residuals[b] == residuals[first] && blocks[b] < blocks[first])) {
        first = b;
      }
    }
    return residuals[first] < Double.POSITIVE_INFINITY;
  }
}
