package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.GaussianCoefficients;
import io.github.colonnade.bounds.GaussianCoefficients.Rows;
import io.github.colonnade.bounds.SparsePlan;
import io.github.colonnade.bounds.SparseTradeOff;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.TradeOff;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * What a cluster costs for what its members lose together, as their sketches tell.
 *
 * <p>The members have one basis, the leading left singular vectors of all side by side, and either
 * use all of it each, or the directions of their choice, or only their largest coefficients, as far
 * as energies tell of these. What sketches dropped counts as lost.
 */
public final class ClusterTradeOff {

  /** The largest side of a Gram matrix that is decomposed. */
  private static final int GRAM_LIMIT = 4096;

  private static final double NOISE = 1e-15;

  private static final int BATCH_COLUMNS = 4096;

  /** Members × directions × prices is about this at most. */
  private static final long MOST_WORK = 300_000_000L;

  private static final int MOST_PRICES = 96;
  private static final int LEAST_PRICES = 12;

  /** A threshold of single coefficients takes about as long as this many prices. */
  private static final int PRICES_PER_THRESHOLD = 3;

  private final Family family;
  private final LinearAlgebra la;
  private final int rankLimit;
  private final double negligible;

  /**
   * @param rankLimit no basis has more columns than this
   * @param negligible directions that hold together no more than this share of the energy of a
   *     cluster are left out
   */
  public ClusterTradeOff(Family family, int rankLimit, double negligible) {
    this.family = family;
    this.la = family.algebra();
    this.rankLimit = rankLimit;
    this.negligible = negligible;
  }

  /**
   * The trade-off of one cluster.
   *
   * @param members positions in the family, at least one
   * @param rounding the relative error that rounding the factors adds
   * @param bytesPerNumber of the stored factors
   * @param sketch the spectrum of a sketch of all members, for clusters that are too large for more
   */
  public TradeOff of(int[] members, double rounding, int bytesPerNumber, Spectrum sketch) {
    long columns = 0;
    long width = 0;
    double dropped = 0;
    for (int j : members) {
      columns += family.block(j).columns();
      width += family.block(j).factor().columns();
      dropped += family.block(j).spectrum().droppedEnergy();
    }
    long side = Math.min(family.rows(), width);
    if (side == 0 || side > GRAM_LIMIT) {
      return TradeOff.ofMatrix(sketch, family.rows(), columns, rankLimit, rounding);
    }
    try (MatrixScope scope = new MatrixScope()) {
      Eigen eigen = scope.own(eigen(members, family.rows() <= width));
      double[] values = eigen.values();
      int kept = eigen.vectors().columns();
      double outside = dropped;
      for (int i = values.length - 1; i >= kept; i--) {
        outside += Math.max(0, values[i]);
      }
      double[] squares = new double[kept];
      System.arraycopy(values, 0, squares, 0, kept);
      Spectrum spectrum = Spectrum.ofKept(squares, outside);
      TradeOff whole = TradeOff.ofMatrix(spectrum, family.rows(), columns, rankLimit, rounding);
      int prices =
          (int) Math.min(MOST_PRICES, MOST_WORK / Math.max(1, (long) members.length * kept));
      if (kept == 0 || prices < LEAST_PRICES) {
        return whole;
      }
      Matrix basis = scope.own(basis(members, eigen.vectors(), family.rows() <= width));
      List<SparsePlan.Block> blocks = blocks(members, basis);
      List<Rows> rows =
          blocks.stream().map(block -> new Rows(block.columns(), block.shared())).toList();
      double added = rounding * rounding * spectrum.energy();
      return whole
          .or(SparseTradeOff.of(family.rows(), blocks, outside, added, bytesPerNumber, prices))
          .or(
              GaussianCoefficients.tradeOff(
                  family.rows(),
                  rows,
                  outside,
                  added,
                  bytesPerNumber,
                  prices / PRICES_PER_THRESHOLD));
    }
  }

  /** Of Σ F_j·F_jᵀ, or of the Gram matrix of [F_1 …], with the vectors that are kept. */
  private Eigen eigen(int[] members, boolean outer) {
    if (!outer) {
      try (Matrix all = concatenated(members, 0, members.length);
          Matrix gram = la.gram(all)) {
        return la.symmetricEigen(gram, this::kept);
      }
    }
    try (Matrix gram = la.zeros(family.rows(), family.rows(), Precision.FLOAT64)) {
      for (int from = 0; from < members.length; ) {
        int to = batchEnd(members, from);
        try (Matrix batch = concatenated(members, from, to)) {
          la.addOuterProductInPlace(gram, batch, 1);
        }
        from = to;
      }
      return la.symmetricEigen(gram, this::kept);
    }
  }

  private int kept(double[] values) {
    double total = 0;
    for (double value : values) {
      total += Math.max(0, value);
    }
    double floor = Math.max(NOISE, negligible / values.length) * total;
    int kept = 0;
    while (kept < Math.min(rankLimit, values.length) && values[kept] > floor) {
      kept++;
    }
    return kept;
  }

  private Matrix basis(int[] members, Matrix vectors, boolean outer) {
    Matrix leading = la.cast(vectors, family.precision());
    if (outer) {
      return leading;
    }
    try (MatrixScope scope = new MatrixScope()) {
      scope.own(leading);
      Matrix all = scope.own(concatenated(members, 0, members.length));
      Qr qr = la.qr(scope.own(la.product(all, leading)));
      scope.own(qr.r());
      return qr.q();
    }
  }

  private List<SparsePlan.Block> blocks(int[] members, Matrix basis) {
    int rank = basis.columns();
    List<SparsePlan.Block> blocks = new ArrayList<>(members.length);
    for (int from = 0; from < members.length; ) {
      int to = batchEnd(members, from);
      double[] projected;
      try (Matrix batch = concatenated(members, from, to);
          Matrix product = la.transposedProduct(basis, batch)) {
        projected = product.toDoubles();
      }
      int at = 0;
      for (int b = from; b < to; b++) {
        BlockSketch block = family.block(members[b]);
        double[] captured = new double[rank];
        for (int column = 0; column < block.factor().columns(); column++) {
          for (int i = 0; i < rank; i++, at++) {
            captured[i] += projected[at] * projected[at];
          }
        }
        blocks.add(
            new SparsePlan.Block(block.columns(), block.energy(), captured, new double[0], 0));
      }
      from = to;
    }
    return blocks;
  }

  private int batchEnd(int[] members, int from) {
    int to = from;
    long width = 0;
    while (to < members.length
        && (to == from || width + family.block(members[to]).factor().columns() <= BATCH_COLUMNS)) {
      width += family.block(members[to]).factor().columns();
      to++;
    }
    return to;
  }

  private Matrix concatenated(int[] members, int from, int to) {
    List<Matrix> factors = new ArrayList<>();
    for (int b = from; b < to; b++) {
      factors.add(family.block(members[b]).factor());
    }
    return la.concatenate(factors);
  }
}
