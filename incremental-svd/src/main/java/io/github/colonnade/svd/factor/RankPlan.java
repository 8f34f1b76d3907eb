package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SharedRank;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rank at which a basis serves its members for the fewest stored numbers.
 *
 * <p>Scope cluster: the least rank whose tail meets the limit for all members together. Scope
 * block: member j needs r_j, the least r with ‖A_j − U_r·U_rᵀ·A_j‖ ≤ ε‖A_j‖. For every r the
 * members with r_j ≤ r stay at the cost r·(m + their columns) and the others leave at their lone
 * cost; the r of least total cost is found in one sweep over the sorted r_j, so it is optimal for
 * this basis. A_j stands for A_j·F_j where the block has a weight.
 */
final class RankPlan {

  /**
   * @param rank the rank to encode at
   * @param members those that meet the limit at this rank before rounding; may be empty
   */
  record Choice(int rank, List<Member> members) {}

  private RankPlan() {}

  /**
   * @param limit the limit less what rounding is expected to add
   */
  static Choice choose(LinearAlgebra la, Cluster cluster, Basis basis, ErrorLimit limit) {
    if (limit.scope() == Scope.CLUSTER) {
      int rank = Rank.smallestFor(basis.spectrum(), limit.value()).orElse(SharedRank.UNREACHABLE);
      return rank == SharedRank.UNREACHABLE
          ? new Choice(0, List.of())
          : new Choice(rank, cluster.members());
    }
    int[] needed = new int[cluster.count()];
    for (Batch batch : cluster.batches()) {
      try (Matrix a = batch.loadWithWeights();
          Matrix projection = la.transposedProduct(basis.vectors(), a)) {
        double[] outside = new double[0];
        if (limit.value() < BasisFinder.GRAM_ACCURACY) {
          la.subtractProductInPlace(a, basis.vectors(), projection);
          outside = batch.sumColumns(la.columnEnergies(a));
        }
        neededRanks(la, cluster, batch, projection, outside, limit.value(), needed);
      }
    }
    return cheapest(cluster, needed);
  }

  private static void neededRanks(
      LinearAlgebra la,
      Cluster cluster,
      Batch batch,
      Matrix projection,
      double[] outside,
      double limit,
      int[] needed) {
    int rank = projection.rows();
    // Only a batch of several blocks is copied: it is small, and one block may be large.
    double[] all = batch.size() == 1 ? new double[0] : projection.toDoubles();
    int at = 0;
    for (int i = 0; i < batch.size(); i++) {
      double[] captured = batch.size() == 1 ? la.rowEnergies(projection) : new double[rank];
      for (int end = at + rank * batch.columns(i); at < end && all.length > 0; at += rank) {
        for (int l = 0; l < rank; l++) {
          captured[l] += all[at + l] * all[at + l];
        }
      }
      double energy = cluster.energy(batch.index(i));
      double rest =
          outside.length > 0 ? outside[i] : Math.max(0, energy - Arrays.stream(captured).sum());
      needed[batch.index(i)] = neededRank(energy, captured, rest, limit);
    }
  }

  /**
   * The least r with rest + Σ_{i>r} captured_i within the limit.
   *
   * @param rest the energy outside the whole basis: a difference of energies for ordinary limits,
   *     and measured where that would say nothing
   */
  private static int neededRank(double energy, double[] captured, double rest, double limit) {
    double allowed = limit * limit * energy;
    if (rest > allowed) {
      return SharedRank.UNREACHABLE;
    }
    double tail = rest;
    int rank = captured.length;
    while (rank > 0 && tail + captured[rank - 1] <= allowed) {
      tail += captured[--rank];
    }
    return rank;
  }

  private static Choice cheapest(Cluster cluster, int[] needed) {
    List<Member> members = cluster.members();
    SharedRank.Choice choice =
        SharedRank.cheapest(
            cluster.rows(),
            members.stream().mapToLong(Member::columns).toArray(),
            needed,
            members.stream().mapToLong(Member::loneCost).toArray());
    return new Choice(
        Math.max(choice.rank(), 0),
        IntStream.range(0, needed.length)
            .filter(
                i -> choice.shares(needed[i], members.get(i).columns(), members.get(i).loneCost()))
            .mapToObj(members::get)
            .toList());
  }
}
