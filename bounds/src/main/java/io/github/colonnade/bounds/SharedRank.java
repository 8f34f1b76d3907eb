package io.github.colonnade.bounds;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.stream.IntStream;

/**
 * The rank of a shared basis, and who shares it, for the fewest stored numbers.
 *
 * <p>Member j of a cluster with m rows has n_j columns, meets its limit with the first r_j columns
 * of the basis (or never), and costs l_j by itself. At rank r it had better share if r_j ≤ r (it
 * may) and r·n_j ≤ l_j (it costs no more), so the least cost at rank r is
 *
 * <pre>  c(r) = r·m + Σ_j (r·n_j if r_j ≤ r ≤ l_j/n_j, else l_j) .</pre>
 *
 * <p>Between two values r_j the cost can only grow with r, so one sweep over them in ascending
 * order finds its minimum.
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

    /** Whether a member with these r_j, n_j and l_j shares the basis. */
    public boolean shares(int neededRank, long columns, long loneCost) {
      return neededRank <= rank && rank <= loneCost / columns;
    }
  }

  /**
   * Minimises c; of equal costs the smallest rank, and sharing rather than staying alone.
   *
   * @param rows m
   * @param columns n_j, at least 1
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
    PriorityQueue<Integer> sharing =
        new PriorityQueue<>(
            Comparator.comparingLong((Integer i) -> loneCosts[i] / columns[i])
                .thenComparing(Comparator.naturalOrder()));
    long alone = 0;
    for (long cost : loneCosts) {
      alone = Math.addExact(alone, cost);
    }
    Choice best = new Choice(-1, alone);
    long sharedColumns = 0;
    for (int i = 0; i < sorted.length && neededRanks[sorted[i]] != UNREACHABLE; i++) {
      int rank = neededRanks[sorted[i]];
      sharing.add(sorted[i]);
      sharedColumns += columns[sorted[i]];
      alone -= loneCosts[sorted[i]];
      if (i + 1 < sorted.length && neededRanks[sorted[i + 1]] == rank) {
        continue;
      }
      while (!sharing.isEmpty() && loneCosts[sharing.peek()] / columns[sharing.peek()] < rank) {
        int leaver = sharing.remove();
        sharedColumns -= columns[leaver];
        alone += loneCosts[leaver];
      }
      if (sharing.isEmpty()) {
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
