package io.github.colonnade.bounds;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The rank of a shared basis, and who shares it, for the fewest stored numbers.
 *
 * <p>Member j of a cluster with m rows has n_j columns, meets its limit with the first r_j columns
 * of the basis (or never), and costs l_j by itself. If the members with r_j ≤ r share the basis and
 * the others stay alone, the cost is
 *
 * <pre>  c(r) = r·(m + Σ_{r_j ≤ r} n_j) + Σ_{r_j &gt; r} l_j .</pre>
 *
 * <p>c changes its members only at the values r_j, so one sweep over them in ascending order finds
 * its minimum.
 */
public final class SharedRank {

  /** The needed rank of a member that no prefix of the basis serves. */
  public static final int UNREACHABLE = Integer.MAX_VALUE;

  private SharedRank() {}

  /**
   * The cheapest rank.
   *
   * @param rank r, or −1 when all are cheaper alone
   * @param cost c(r), or Σ l_j
   */
  public record Choice(int rank, long cost) {

    /** Whether a member that needs this rank shares the basis. */
    public boolean shares(int neededRank) {
      return neededRank <= rank;
    }
  }

  /**
   * Minimises c; of equal costs the smallest rank, and sharing rather than staying alone.
   *
   * @param rows m
   * @param columns n_j
   * @param neededRanks r_j or {@link #UNREACHABLE}
   * @param loneCosts l_j
   */
  public static Choice cheapest(long rows, long[] columns, int[] neededRanks, long[] loneCosts) {
    int[] sorted =
        IntStream.range(0, neededRanks.length)
            .boxed()
            .sorted(Comparator.comparingInt((Integer i) -> neededRanks[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    long alone = 0;
    for (long cost : loneCosts) {
      alone = Math.addExact(alone, cost);
    }
    Choice best = new Choice(-1, alone);
    long sharedColumns = 0;
    for (int i = 0; i < sorted.length && neededRanks[sorted[i]] != UNREACHABLE; i++) {
      int rank = neededRanks[sorted[i]];
      sharedColumns += columns[sorted[i]];
      alone -= loneCosts[sorted[i]];
      if (i + 1 < sorted.length && neededRanks[sorted[i + 1]] == rank) {
        continue;
      }
      long cost = Math.addExact(StorageCost.lowRank(rank, rows, sharedColumns), alone);
      if (cost < best.cost || (cost == best.cost && best.rank < 0)) {
        best = new Choice(rank, cost);
      }
    }
    return best;
  }
}
