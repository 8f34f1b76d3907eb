package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.SharedRank;
import io.github.colonnade.bounds.SparsePlan;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What the leading r vectors of a basis cost as a dictionary, for many r at once, when each block
 * meets the limit by itself.
 *
 * <p>A block uses the fewest of the r rows that hold enough of its energy, its largest. Apart from
 * that every block may use all rows of the least r that serves it, which needs no mask: {@link
 * SharedRank}.
 */
final class PrefixScan {

  /** Between two values of r lies about this factor. */
  private static final double STEP = 1.15;

  private static final short UNREACHABLE = Short.MAX_VALUE;

  private final Blocks blocks;
  private final int[] members;
  private final int[] prefixes;

  /** Rows that a member needs, [prefix][member]. */
  private final short[][] rows;

  private final int[] neededRanks;
  private int count;

  /**
   * @param members positions, in the order in which they are added
   * @param vectors how many vectors the basis has
   */
  PrefixScan(Blocks blocks, int[] members, int vectors) {
    this.blocks = blocks;
    this.members = members;
    this.prefixes = prefixes(vectors);
    this.rows = new short[prefixes.length][members.length];
    this.neededRanks = new int[members.length];
  }

  private static int[] prefixes(int vectors) {
    IntStream.Builder builder = IntStream.builder();
    for (int r = 1; r < vectors; r = Math.max(r + 1, (int) (r * STEP))) {
      builder.add(r);
    }
    return builder.add(vectors).build().toArray();
  }

  /**
   * The next member.
   *
   * @param captured its energy along each vector
   * @param outside its energy outside all of them
   */
  void add(double[] captured, double outside) {
    double allowed = blocks.limit() * blocks.limit() * blocks.energies[members[count]];
    int[] order = Order.ascending(captured);
    double tail = outside;
    int rank = captured.length;
    while (rank > 0 && tail + captured[rank - 1] <= allowed) {
      tail += captured[--rank];
    }
    neededRanks[count] = outside > allowed ? SharedRank.UNREACHABLE : rank;
    double lost = outside;
    int from = captured.length;
    for (int p = prefixes.length - 1; p >= 0; p--) {
      while (from > prefixes[p]) {
        lost += captured[--from];
      }
      rows[p][count] =
          lost > allowed ? UNREACHABLE : rows(order, captured, prefixes[p], lost, allowed);
    }
    count++;
  }

  private static short rows(
      int[] order, double[] captured, int prefix, double outside, double allowed) {
    double lost = outside;
    int kept = prefix;
    for (int i : order) {
      if (i < prefix) {
        lost += captured[i];
        if (lost > allowed) {
          break;
        }
        kept--;
      }
    }
    return (short) kept;
  }

  /**
   * A dictionary of leading vectors and who uses it.
   *
   * @param rank how many vectors
   * @param whole whether each member uses all of them
   * @param sharing positions of those who use it, ascending
   * @param cost theirs, the vectors and the mask included
   * @param costOfAll with what the others cost alone
   */
  record Choice(int rank, boolean whole, int[] sharing, long cost, long costOfAll) {}

  /** The cheapest whose members use rows of their choice, if that is less than the others cost. */
  Choice ownChoice() {
    Choice best = nobody();
    for (int p = 0; p < prefixes.length; p++) {
      long shared = 0;
      long alone = 0;
      long kept = 0;
      int sharing = 0;
      for (int i = 0; i < members.length; i++) {
        if (shares(p, i)) {
          shared += rows[p][i] * blocks.columns[members[i]];
          kept += rows[p][i];
          sharing++;
        } else {
          alone += blocks.loneCosts[members[i]];
        }
      }
      long cost =
          shared
              + (long) prefixes[p] * blocks.rows
              + SparsePlan.maskNumbers(kept, (long) sharing * prefixes[p], Blocks.BYTES_PER_NUMBER);
      if (sharing > 0 && cost + alone < best.costOfAll) {
        int prefix = p;
        int[] who =
            IntStream.range(0, members.length)
                .filter(i -> shares(prefix, i))
                .map(i -> members[i])
                .toArray();
        best = new Choice(prefixes[p], false, who, cost, cost + alone);
      }
    }
    return best;
  }

  private boolean shares(int p, int i) {
    return rows[p][i] != UNREACHABLE
        && rows[p][i] * blocks.columns[members[i]] <= blocks.loneCosts[members[i]];
  }

  private Choice nobody() {
    long alone = Arrays.stream(members).mapToLong(j -> blocks.loneCosts[j]).sum();
    return new Choice(0, true, new int[0], 0, alone);
  }

  /** The cheapest whose members use all of it; rank 0 when nobody had better use any. */
  Choice wholeRows() {
    long[] columns = Arrays.stream(members).mapToLong(j -> blocks.columns[j]).toArray();
    long[] alone = Arrays.stream(members).mapToLong(j -> blocks.loneCosts[j]).toArray();
    SharedRank.Choice choice = SharedRank.cheapest(blocks.rows, columns, neededRanks, alone);
    int[] sharing =
        IntStream.range(0, members.length)
            .filter(i -> choice.shares(neededRanks[i], columns[i], alone[i]))
            .map(i -> members[i])
            .toArray();
    long left =
        IntStream.range(0, members.length)
            .filter(i -> !choice.shares(neededRanks[i], columns[i], alone[i]))
            .mapToLong(i -> alone[i])
            .sum();
    return new Choice(
        Math.max(0, choice.rank()), true, sharing, choice.cost() - left, choice.cost());
  }
}
