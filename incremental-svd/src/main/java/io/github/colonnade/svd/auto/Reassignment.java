package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Moves each block to the dictionary that serves it with the fewest coefficients. Clusters then get
 * a new basis for the members they have.
 *
 * <p>Members of a cluster with own directions stay there.
 */
final class Reassignment {

  /** A move must save this share: small gains come from a basis that is about to change. */
  private static final double WORTHWHILE = 0.98;

  /** The bases that are offered to all blocks have at most so many columns for each row. */
  private static final int OFFERED_COLUMNS_PER_ROW = 8;

  private final Blocks blocks;

  Reassignment(Blocks blocks) {
    this.blocks = blocks;
  }

  /** The sets of members after one round of moves, each block in at most one set. */
  List<int[]> round(List<Group> groups, Batches all) {
    int[] home = new int[blocks.count];
    int[] now = new int[blocks.count];
    double[] price = new double[blocks.count];
    Arrays.fill(home, -1);
    Arrays.fill(now, -1);
    for (int j = 0; j < blocks.count; j++) {
      price[j] = blocks.loneCosts[j];
    }
    int[] offered = offered(groups);
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      boolean isOffered = Arrays.binarySearch(offered, g) >= 0;
      for (int j : group.members()) {
        home[j] = g;
        now[j] = g;
        double share = (double) group.cost() * blocks.columns[j] / group.columns();
        price[j] = group.own() ? 0 : isOffered ? Double.MAX_VALUE : share;
      }
    }
    for (int g : offered) {
      offer(g, groups.get(g), all, home, now, price);
    }
    List<List<Integer>> sets = new ArrayList<>();
    groups.forEach(group -> sets.add(new ArrayList<>()));
    IntStream.range(0, blocks.count)
        .filter(j -> home[j] >= 0)
        .forEach(j -> sets.get(home[j]).add(j));
    return sets.stream()
        .filter(set -> set.size() > 1)
        .map(set -> set.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  /** The clusters with most columns, as far as their bases are not too many. */
  private int[] offered(List<Group> groups) {
    double[] smallness = groups.stream().mapToDouble(group -> -group.columns()).toArray();
    int[] largestFirst = Order.ascending(smallness);
    long left = (long) OFFERED_COLUMNS_PER_ROW * blocks.rows;
    int count = 0;
    while (count < largestFirst.length && groups.get(largestFirst[count]).rank() <= left) {
      left -= groups.get(largestFirst[count++]).rank();
    }
    return IntStream.of(largestFirst).limit(count).sorted().toArray();
  }

  private void offer(int g, Group group, Batches all, int[] home, int[] now, double[] price) {
    double allowed = blocks.limit() * blocks.limit();
    boolean jointly = blocks.settings.limit().scope() == Scope.CLUSTER;
    Answers answers = new Answers();
    try (Matrix q = blocks.la.columns(group.vectors(), 0, group.rank())) {
      all.project(
          q,
          (j, captured, outside) -> {
            boolean serves = answers.serves(outside <= allowed * blocks.energies[j]);
            if (!serves && now[j] != g) {
              return;
            }
            double here = blocks.rowsNeeded(j, captured, outside) * (double) blocks.columns[j];
            if (now[j] == g && price[j] > 0) {
              // What leaving would save; in a joint limit a member may take more than its share.
              here = serves || jointly ? here : Double.MAX_VALUE;
              if (here * WORTHWHILE <= price[j] || price[j] == Double.MAX_VALUE) {
                home[j] = g;
                price[j] = here;
              }
            } else if (serves && here < price[j] * WORTHWHILE) {
              home[j] = g;
              price[j] = here;
            }
          });
    }
    answers.countIn(blocks.decisions());
  }
}
