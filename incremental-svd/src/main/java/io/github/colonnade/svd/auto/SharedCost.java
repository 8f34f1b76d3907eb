package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SparsePlan;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.sketch.Sketch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * What a cluster costs, from its sketch and some of its members, each of which stands for several.
 *
 * <p>A member that stands for w of them counts as one of w times the columns, the energy and the
 * cost alone: rows, and what they cost, then are those of w equal blocks.
 */
final class SharedCost {

  /** More than any block costs alone; small enough to be added up. */
  private static final long NEVER_ALONE = Long.MAX_VALUE >> 20;

  /** Directions of their own are worth having where they save this share. */
  private static final double WORTHWHILE = 0.99;

  /**
   * An estimate.
   *
   * @param cost in stored numbers
   * @param rank how many leading vectors of the sketch are stored; 0 where nobody shares
   * @param shared as in {@link Group}
   * @param own whether members add directions of their own
   */
  record Estimate(double cost, int rank, OptionalInt shared, boolean own) {}

  /** Members with their weights. */
  record Weighted(int[] positions, double[] weights) {

    /** Blocks that stand for themselves. */
    static Weighted once(int... positions) {
      double[] weights = new double[positions.length];
      Arrays.fill(weights, 1);
      return new Weighted(positions, weights);
    }

    /** Both, ascending by position. */
    Weighted and(Weighted other) {
      int[] all =
          IntStream.concat(Arrays.stream(positions), Arrays.stream(other.positions)).toArray();
      int[] order =
          IntStream.range(0, all.length)
              .boxed()
              .sorted((i, j) -> Integer.compare(all[i], all[j]))
              .mapToInt(Integer::intValue)
              .toArray();
      double[] both = new double[all.length];
      int[] sorted = new int[all.length];
      for (int i = 0; i < order.length; i++) {
        sorted[i] = all[order[i]];
        both[i] =
            order[i] < weights.length
                ? weights[order[i]]
                : other.weights[order[i] - weights.length];
      }
      return new Weighted(sorted, both);
    }

    /** At most {@code count} of them, evenly spaced by weight, for the same sum of weights. */
    Weighted thinned(int count) {
      if (positions.length <= count) {
        return this;
      }
      double total = Arrays.stream(weights).sum();
      double[] taken = new double[positions.length];
      double passed = weights[0];
      int at = 0;
      for (int i = 0; i < count; i++) {
        while (at < positions.length - 1 && passed <= (i + 0.5) * total / count) {
          passed += weights[++at];
        }
        taken[at] += total / count;
      }
      int[] kept = IntStream.range(0, taken.length).filter(i -> taken[i] > 0).toArray();
      return new Weighted(
          Arrays.stream(kept).map(i -> positions[i]).toArray(),
          Arrays.stream(kept).mapToDouble(i -> taken[i]).toArray());
    }
  }

  private final Blocks blocks;

  /** As {@link #blocks}, but columns and lone costs are multiplied by the weights of the moment. */
  private final Blocks weighted;

  SharedCost(Blocks blocks) {
    this.blocks = blocks;
    this.weighted = blocks.copy();
  }

  /**
   * The least that a cluster costs.
   *
   * @param shared numbers of shared vectors beside which own directions are tried
   */
  Estimate of(Sketch sketch, Weighted members, int[] shared) {
    for (int i = 0; i < members.positions.length; i++) {
      int j = members.positions[i];
      weighted.columns[j] = Math.round(blocks.columns[j] * members.weights[i]);
      weighted.loneCosts[j] = Math.round(blocks.loneCosts[j] * members.weights[i]);
    }
    Estimate best = nobody(members);
    int vectors = Math.min(sketch.rank(), blocks.settings.rankLimit());
    if (vectors == 0) {
      return best;
    }
    try (MatrixScope scope = new MatrixScope();
        Batches batches = new Batches(blocks, members.positions)) {
      Matrix q = scope.own(blocks.la.columns(sketch.basis(), 0, vectors));
      best =
          cheaper(
              best,
              blocks.settings.limit().scope() == Scope.BLOCK
                  ? eachByItself(q, members, batches)
                  : jointly(sketch, q, members, batches));
      if (blocks.settings.rankLimit() >= blocks.rows && wide(members)) {
        double without = best.cost;
        for (int s : Arrays.stream(shared).filter(s -> s <= vectors).toArray()) {
          Estimate own = withOwnDirections(q, s, members);
          best = own.cost < without * WORTHWHILE ? cheaper(best, own) : best;
        }
      }
    }
    return best;
  }

  /** Narrow blocks have nothing that is worth a column of m numbers. */
  private boolean wide(Weighted members) {
    long wide =
        Arrays.stream(members.positions)
            .filter(j -> blocks.columns[j] >= OwnDirections.MIN_COLUMNS)
            .count();
    return 2 * wide >= members.positions.length;
  }

  private static Estimate cheaper(Estimate a, Estimate b) {
    return b.cost < a.cost ? b : a;
  }

  private Estimate nobody(Weighted members) {
    double cost = Arrays.stream(members.positions).mapToLong(j -> weighted.loneCosts[j]).sum();
    return new Estimate(cost, 0, OptionalInt.empty(), false);
  }

  private Estimate eachByItself(Matrix q, Weighted members, Batches batches) {
    PrefixScan scan = new PrefixScan(weighted, members.positions, q.columns());
    batches.project(q, (j, captured, outside) -> scan.add(captured, outside));
    PrefixScan.Choice whole = scan.wholeRows();
    PrefixScan.Choice own = scan.ownChoice();
    return own.costOfAll() < whole.costOfAll()
        ? new Estimate(own.costOfAll(), own.rank(), OptionalInt.of(own.rank()), false)
        : new Estimate(whole.costOfAll(), whole.rank(), OptionalInt.empty(), false);
  }

  private Estimate jointly(Sketch sketch, Matrix q, Weighted members, Batches batches) {
    int most = StorageCost.largestPayingRank(blocks.rows, sketch.columns());
    int rank = Rank.smallestFor(sketch.spectrum(), blocks.limit()).orElse(most + 1);
    Estimate best = nobody(members);
    if (rank <= Math.min(most, q.columns())) {
      long cost = StorageCost.lowRank(rank, blocks.rows, sketch.columns());
      best = cheaper(best, new Estimate(cost, rank, OptionalInt.empty(), false));
    }
    double[] weights = weightOfPosition(members);
    List<SparsePlan.Block> seen = new ArrayList<>();
    batches.project(
        q,
        (j, captured, outside) ->
            seen.add(
                new SparsePlan.Block(
                    weighted.columns[j],
                    weights[j] * blocks.energies[j],
                    Arrays.stream(captured).map(each -> weights[j] * each).toArray(),
                    new double[0],
                    weighted.loneCosts[j])));
    SparsePlan plan =
        SparsePlan.of(blocks.rows, blocks.settings.limit(), seen, Blocks.BYTES_PER_NUMBER);
    int last = Arrays.stream(plan.directions()).max().orElse(-1);
    return last < 0
        ? best
        : cheaper(best, new Estimate(plan.cost(), last + 1, OptionalInt.of(last + 1), false));
  }

  private double[] weightOfPosition(Weighted members) {
    double[] weights = new double[blocks.count];
    for (int i = 0; i < members.positions.length; i++) {
      weights[members.positions[i]] = members.weights[i];
    }
    return weights;
  }

  /**
   * With directions that belong to one member. Each meets the limit by itself here, in scope
   * cluster too: it is the same for all that are compared.
   */
  private Estimate withOwnDirections(Matrix q, int shared, Weighted members) {
    double cost = (double) shared * blocks.rows;
    boolean own = false;
    try (Matrix basis = blocks.la.columns(q, 0, shared)) {
      for (int i = 0; i < members.positions.length; i++) {
        int j = members.positions[i];
        Optional<SparsePlan.Use> use = use(basis, j);
        long here = use.map(each -> numbers(each, j)).orElse(NEVER_ALONE);
        own |= use.isPresent() && use.get().own() > 0 && here < blocks.loneCosts[j];
        cost += members.weights[i] * Math.min(here, blocks.loneCosts[j]);
      }
    }
    return new Estimate(cost, shared, OptionalInt.of(shared), own);
  }

  /** What a block stores beside a basis, its own directions included; empty if it cannot use it. */
  OptionalLong besides(Matrix basis, int block) {
    return use(basis, block).stream().mapToLong(use -> numbers(use, block)).findFirst();
  }

  private long numbers(SparsePlan.Use use, int block) {
    return use.size() * blocks.columns[block] + (long) use.own() * blocks.rows;
  }

  private Optional<SparsePlan.Use> use(Matrix basis, int block) {
    LinearAlgebra la = blocks.la;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix residual = scope.own(la.cast(blocks.factor(block), blocks.precision));
      Matrix p = scope.own(la.transposedProduct(basis, residual));
      la.subtractProductInPlace(residual, basis, p);
      double[] eigenvalues = la.symmetricEigenvalues(scope.own(la.gram(residual)));
      SparsePlan.Block seen =
          new SparsePlan.Block(
              blocks.columns[block],
              blocks.energies[block],
              la.rowEnergies(p),
              Blocks.squares(eigenvalues),
              NEVER_ALONE);
      ErrorLimit byItself = new ErrorLimit(blocks.limit(), Scope.BLOCK);
      return SparsePlan.of(blocks.rows, byItself, List.of(seen), Blocks.BYTES_PER_NUMBER)
          .uses()
          .get(0);
    }
  }
}
