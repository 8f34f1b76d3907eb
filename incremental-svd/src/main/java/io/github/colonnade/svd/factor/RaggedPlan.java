package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SparsePlan;
import io.github.colonnade.bounds.SparsePlan.Block;
import io.github.colonnade.bounds.SparsePlan.Use;
import io.github.colonnade.bounds.SparsePrefix;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * How a cluster is stored when each block uses directions of its own choice.
 *
 * <p>The choice is made among the first s directions of the joint basis, for several s: a direction
 * that few blocks need may cost more than it saves, and which these are depends on how many there
 * are. In scope cluster a plan finds that out by itself.
 *
 * @param shared s: how many directions of the joint basis the blocks choose from
 * @param plan what each member of the cluster uses
 * @param cost of all members in stored numbers, the mask as it will be stored
 */
record RaggedPlan(int shared, SparsePlan plan, long cost) {

  /** Blocks whose smaller side is larger add no directions: an eigenproblem takes its cube. */
  private static final int LARGEST_GRAM = 4096;

  /** So many values of s are tried: a step between them is a few percent of the cost at most. */
  private static final int STEPS = 48;

  /** Whether blocks add directions of their own. */
  boolean hasOwn() {
    return plan.uses().stream().flatMap(Optional::stream).anyMatch(use -> use.own() > 0);
  }

  /** How many leading directions of the joint basis hold all that some block uses. */
  int reach() {
    return Arrays.stream(plan.directions()).map(i -> i + 1).max().orElse(0);
  }

  /** Who shares the dictionary. */
  List<Member> sharing(Cluster cluster) {
    return IntStream.range(0, cluster.count())
        .filter(j -> plan.uses().get(j).isPresent())
        .mapToObj(cluster.members()::get)
        .toList();
  }

  /** The most directions a dictionary may have to be worth trying. */
  static int mostDirections(Cluster cluster, int rankLimit) {
    return (int) Math.min(Math.min(rankLimit, cluster.rows()), cluster.columns());
  }

  /** The members as the first directions of a basis see them, in the proportions of the scope. */
  static List<Block> blocks(Cluster cluster, Projections projections, Scope scope, int shared) {
    return blocks(cluster, projections, scope, shared, j -> new double[0]);
  }

  private static List<Block> blocks(
      Cluster cluster,
      Projections projections,
      Scope scope,
      int shared,
      IntFunction<double[]> own) {
    List<Block> blocks = new ArrayList<>(cluster.count());
    for (int j = 0; j < cluster.count(); j++) {
      Member member = cluster.members().get(j);
      double weight = scope == Scope.CLUSTER ? cluster.share(j) : 1;
      blocks.add(
          new Block(
              member.columns(),
              cluster.energy(j) * weight,
              times(projections.captured(j, shared), weight),
              times(own.apply(j), weight),
              member.loneCost()));
    }
    return blocks;
  }

  private static double[] times(double[] values, double factor) {
    return factor == 1 ? values : Arrays.stream(values).map(each -> each * factor).toArray();
  }

  /** Finds plans for one cluster and one basis. */
  static final class Search {
    private final LinearAlgebra la;
    private final Cluster cluster;
    private final Projections projections;
    private final EncoderSettings settings;
    private final ErrorLimit limit;

    /**
     * @param limit the limit less what rounding is expected to add
     */
    Search(
        LinearAlgebra la,
        Cluster cluster,
        Projections projections,
        EncoderSettings settings,
        ErrorLimit limit) {
      this.la = la;
      this.cluster = cluster;
      this.projections = projections;
      this.settings = settings;
      this.limit = limit;
    }

    /**
     * The cheapest plan in which somebody shares.
     *
     * @param vectors the joint basis
     * @param shared with how many shared directions own ones are tried, if at all
     */
    Optional<RaggedPlan> cheapest(Matrix vectors, OptionalInt shared) {
      int most = Math.min(projections.directions(), settings.rankLimit());
      if (!KeptRows.fits(cluster.count(), most)) {
        return Optional.empty();
      }
      Optional<RaggedPlan> best = cheapestWithoutOwn(most);
      if (shared.isPresent()) {
        RaggedPlan own = withOwn(vectors, Math.min(shared.getAsInt(), most));
        if (directions(own) <= settings.rankLimit()
            && KeptRows.fits(cluster.count(), directions(own))
            && (best.isEmpty() || own.cost < best.get().cost)) {
          best = Optional.of(own);
        }
      }
      return best.filter(each -> each.plan.uses().stream().anyMatch(Optional::isPresent));
    }

    private Optional<RaggedPlan> cheapestWithoutOwn(int most) {
      if (most == 0) {
        return Optional.empty();
      }
      if (limit.scope() == Scope.CLUSTER) {
        return Optional.of(withoutOwn(most));
      }
      if (cluster.count() <= STEPS && most <= STEPS) {
        return Optional.of(cheapestOfAll(most));
      }
      int shared =
          SparsePrefix.cheapest(
              cluster.rows(),
              limit.value(),
              blocks(most, j -> new double[0]),
              settings.format().sizeBytes(),
              STEPS);
      return Optional.of(withoutOwn(shared));
    }

    private RaggedPlan cheapestOfAll(int most) {
      int size = settings.format().sizeBytes();
      List<RaggedPlan> withoutMasks = new ArrayList<>();
      for (int shared = 1; shared <= most; shared++) {
        SparsePlan plan = sparse(blocks(shared, j -> new double[0]));
        withoutMasks.add(new RaggedPlan(shared, plan, KeptRows.costWithoutMask(plan, size)));
      }
      // Masks take long to make, and most plans need none to be seen to cost more than others.
      withoutMasks.sort(Comparator.comparingLong(RaggedPlan::cost));
      RaggedPlan best = withMask(withoutMasks.get(0));
      for (RaggedPlan each : withoutMasks.subList(1, most)) {
        if (each.cost > best.cost) {
          return best;
        }
        RaggedPlan whole = withMask(each);
        boolean better =
            whole.cost < best.cost || (whole.cost == best.cost && whole.shared < best.shared);
        best = better ? whole : best;
      }
      return best;
    }

    private RaggedPlan withMask(RaggedPlan each) {
      return new RaggedPlan(
          each.shared, each.plan, KeptRows.costOf(each.plan, settings.format().sizeBytes()));
    }

    private RaggedPlan withoutOwn(int shared) {
      return plan(shared, j -> new double[0]);
    }

    private RaggedPlan withOwn(Matrix vectors, int shared) {
      try (Matrix leading = la.columns(vectors, 0, shared)) {
        OwnDirections directions = new OwnDirections(la, cluster, leading);
        return plan(
            shared,
            j -> {
              Member member = cluster.members().get(j);
              long paying = mostOwn(member);
              long side = Math.min(cluster.rows(), member.columns());
              return paying == 0 || side > LARGEST_GRAM || cluster.energy(j) == 0
                  ? new double[0]
                  : directions.squares(j, Math.toIntExact(paying), limit.value());
            });
      }
    }

    /**
     * By itself a block pays its lone cost at most; in a joint limit it may take more than that.
     */
    private long mostOwn(Member member) {
      return limit.scope() == Scope.CLUSTER
          ? StorageCost.largestPayingRank(cluster.rows(), member.columns())
          : member.loneCost() / StorageCost.lowRank(1, cluster.rows(), member.columns());
    }

    private RaggedPlan plan(int shared, IntFunction<double[]> own) {
      SparsePlan plan = sparse(blocks(shared, own));
      return new RaggedPlan(shared, plan, KeptRows.costOf(plan, settings.format().sizeBytes()));
    }

    private SparsePlan sparse(List<Block> blocks) {
      return SparsePlan.of(cluster.rows(), limit, blocks, settings.format().sizeBytes());
    }

    private List<Block> blocks(int shared, IntFunction<double[]> own) {
      return RaggedPlan.blocks(cluster, projections, limit.scope(), shared, own);
    }

    private static long directions(RaggedPlan plan) {
      long own = plan.plan.uses().stream().flatMap(Optional::stream).mapToLong(Use::own).sum();
      return own + plan.plan.directions().length;
    }
  }
}
