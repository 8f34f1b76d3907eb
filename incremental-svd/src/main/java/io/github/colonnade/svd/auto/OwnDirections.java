package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.SparsePlan;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * How many leading vectors of a basis the members had better share when each may add directions of
 * its own: few, where members have directions in common and others that are not.
 */
final class OwnDirections {

  /** The number of shared vectors is chosen on so many members. */
  private static final int SAMPLE = 12;

  /** Shared vectors tried: powers of this, rounded. */
  private static final double STEP = 1.7;

  /** How often the numbers halfway to the neighbours of the best one are tried as well. */
  private static final int REFINEMENTS = 2;

  /** Blocks narrower than this have nothing that is worth a column of m numbers. */
  static final int MIN_COLUMNS = 4;

  /**
   * A dictionary of shared and own directions.
   *
   * @param shared leading vectors that members may use
   * @param sharing positions of those who use the dictionary, ascending
   * @param cost theirs
   * @param costOfAll with what the others cost alone
   */
  record Choice(int shared, int[] sharing, long cost, long costOfAll) {}

  private final Blocks blocks;

  OwnDirections(Blocks blocks) {
    this.blocks = blocks;
  }

  /** The cheapest dictionary with own directions, if it costs less than {@code costToBeat}. */
  Optional<Choice> cheapest(Matrix vectors, int[] members, long costToBeat) {
    int[] wide = Arrays.stream(members).filter(j -> blocks.columns[j] >= MIN_COLUMNS).toArray();
    if (2 * wide.length < members.length) {
      return Optional.empty();
    }
    int[] sample = sample(members);
    double scale = (double) members.length / sample.length;
    NavigableMap<Integer, Double> estimates = new TreeMap<>();
    for (double step = 1; step < vectors.columns(); step *= STEP) {
      int shared = (int) Math.round(step);
      estimates.computeIfAbsent(shared, s -> estimate(vectors, s, sample, scale));
    }
    for (int refinement = 0; refinement < REFINEMENTS && !estimates.isEmpty(); refinement++) {
      int at = least(estimates);
      Integer below = estimates.lowerKey(at);
      Integer above = estimates.higherKey(at);
      int[] between = {
        below == null ? at : (at + below) / 2, above == null ? at : (at + above + 1) / 2
      };
      for (int shared : between) {
        estimates.computeIfAbsent(shared, s -> estimate(vectors, s, sample, scale));
      }
    }
    int best = estimates.isEmpty() ? 0 : least(estimates);
    double bestEstimate = estimates.getOrDefault(best, Double.MAX_VALUE);
    if (best == 0 || (scale > 1 && bestEstimate > 1.02 * costToBeat)) {
      return Optional.empty();
    }
    SparsePlan plan = plan(vectors, best, members);
    int[] sharing =
        IntStream.range(0, members.length)
            .filter(i -> plan.uses().get(i).isPresent())
            .map(i -> members[i])
            .toArray();
    boolean own =
        plan.uses().stream().anyMatch(use -> use.filter(each -> each.own() > 0).isPresent());
    if (plan.cost() >= costToBeat || sharing.length < 2 || !own) {
      return Optional.empty();
    }
    long left = 0;
    for (int i = 0; i < members.length; i++) {
      left += plan.uses().get(i).isPresent() ? 0 : blocks.loneCosts[members[i]];
    }
    return Optional.of(new Choice(best, sharing, plan.cost() - left, plan.cost()));
  }

  private double estimate(Matrix vectors, int shared, int[] sample, double scale) {
    long basis = (long) shared * blocks.rows;
    return basis + (plan(vectors, shared, sample).cost() - basis) * scale;
  }

  private static int least(Map<Integer, Double> estimates) {
    return estimates.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow().getKey();
  }

  private static int[] sample(int[] members) {
    if (members.length <= 2 * SAMPLE) {
      return members;
    }
    return IntStream.range(0, SAMPLE)
        .map(i -> members[(int) ((long) i * members.length / SAMPLE)])
        .toArray();
  }

  private SparsePlan plan(Matrix vectors, int shared, int[] members) {
    LinearAlgebra la = blocks.la;
    List<SparsePlan.Block> seen = new ArrayList<>();
    try (Matrix q = la.columns(vectors, 0, shared)) {
      for (int j : members) {
        try (MatrixScope scope = new MatrixScope()) {
          Matrix residual = scope.own(la.cast(blocks.factor(j), blocks.precision));
          Matrix p = scope.own(la.transposedProduct(q, residual));
          la.subtractProductInPlace(residual, q, p);
          double[] own = Blocks.squares(la.symmetricEigenvalues(scope.own(la.gram(residual))));
          seen.add(
              new SparsePlan.Block(
                  blocks.columns[j],
                  blocks.energies[j],
                  la.rowEnergies(p),
                  own,
                  blocks.loneCosts[j]));
        }
      }
    }
    return SparsePlan.of(blocks.rows, blocks.settings.limit(), seen, Blocks.BYTES_PER_NUMBER);
  }
}
