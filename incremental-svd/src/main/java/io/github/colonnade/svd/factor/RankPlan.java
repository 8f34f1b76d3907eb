package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SharedRank;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rank at which a basis serves its members for the fewest stored numbers.
 *
 * <p>Scope cluster: the least rank whose tail meets the limit for all members together. Scope
 * block: member j needs r_j, the least r with ‖A_j − U_r·U_rᵀ·A_j‖ ≤ ε‖A_j‖. For every r the
 * members with r_j ≤ r stay at the cost r·(m + their columns) and the others leave at their lone
 * cost; the r of least total cost is found in one sweep over the sorted r_j, so it is optimal for
 * this basis.
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
    for (int i = 0; i < needed.length; i++) {
      needed[i] = neededRank(la, cluster, i, basis.vectors(), limit.value());
    }
    return cheapest(cluster, needed);
  }

  private static int neededRank(
      LinearAlgebra la, Cluster cluster, int index, Matrix vectors, double limit) {
    double energy = cluster.energy(index);
    double tail = energy;
    double allowed = limit * limit * energy;
    if (tail <= allowed) {
      return 0;
    }
    try (Matrix a = cluster.load(index);
        Matrix projection = la.transposedProduct(vectors, a)) {
      double[] captured = la.rowEnergies(projection);
      for (int r = 0; r < captured.length; r++) {
        tail -= captured[r];
        if (tail <= allowed) {
          return r + 1;
        }
      }
    }
    return SharedRank.UNREACHABLE;
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
            .filter(i -> choice.shares(needed[i]))
            .mapToObj(members::get)
            .toList());
  }
}
