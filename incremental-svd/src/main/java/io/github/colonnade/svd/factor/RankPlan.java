package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SharedRank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rank at which a basis serves its members for the fewest stored numbers, when each uses all of
 * it.
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
   * @param cost of all members of the cluster, those that are encoded alone included
   */
  record Choice(int rank, List<Member> members, long cost) {}

  private RankPlan() {}

  /**
   * @param spectrum of the cluster in the basis
   * @param mostRank no larger rank is chosen
   * @param limit the limit less what rounding is expected to add; of the projections also
   */
  static Choice choose(
      Cluster cluster, Projections projections, Spectrum spectrum, int mostRank, ErrorLimit limit) {
    List<Member> members = cluster.members();
    if (limit.scope() == Scope.CLUSTER) {
      int rank = Rank.smallestFor(spectrum, limit.value()).orElse(SharedRank.UNREACHABLE);
      return rank > mostRank
          ? new Choice(0, List.of(), members.stream().mapToLong(Member::loneCost).sum())
          : new Choice(rank, members, StorageCost.lowRank(rank, cluster.rows(), cluster.columns()));
    }
    int[] needed = projections.neededRanks();
    for (int j = 0; j < needed.length; j++) {
      needed[j] = needed[j] > mostRank ? SharedRank.UNREACHABLE : needed[j];
    }
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
            .toList(),
        choice.cost());
  }
}
