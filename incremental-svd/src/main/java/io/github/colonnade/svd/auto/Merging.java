package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Merges whole clusters while that saves stored numbers.
 *
 * <p>What two clusters may save by sharing is the m numbers of each direction that both have. How
 * many those are is ‖U_aᵀU_b‖_F², the sum of the squared cosines of their principal angles; pairs
 * with the largest overlap are tried first, and each trial is a full one with a new basis for the
 * union.
 */
final class Merging {

  /** Pairs whose bases have less than this share of the smaller one in common are not tried. */
  private static final double LEAST_OVERLAP = 0.15;

  /** Trials for each cluster at the start, on average. */
  private static final int TRIALS_PER_CLUSTER = 3;

  /**
   * Trials together weigh at most so many times the columns of all clusters: a small cluster next
   * to a very large one is better served by moving its blocks.
   */
  private static final int PASSES = 3;

  /** Rows² × columns that trials may always take together: less than a second. */
  private static final long QUICK_WORK = 4_000_000_000L;

  /** Overlaps are computed for at most so many of the largest clusters. */
  private static final int MAX_CLUSTERS = 256;

  private record Pair(int left, int right, double overlap) {}

  private final Blocks blocks;
  private final Function<int[], Optional<Group>> trial;
  private final List<Group> groups = new ArrayList<>();
  private final List<Boolean> alive = new ArrayList<>();
  private final PriorityQueue<Pair> pairs =
      new PriorityQueue<>(
          Comparator.comparingDouble((Pair pair) -> -pair.overlap)
              .thenComparingInt(Pair::left)
              .thenComparingInt(Pair::right));

  /**
   * @param trial what a set of blocks costs
   */
  Merging(Blocks blocks, Function<int[], Optional<Group>> trial) {
    this.blocks = blocks;
    this.trial = trial;
  }

  /** The clusters after all merges that were tried and pay. */
  List<Group> merge(List<Group> start) {
    List<Group> largest =
        start.stream()
            .sorted(
                Comparator.comparingLong((Group group) -> -group.columns())
                    .thenComparingInt(group -> group.members()[0]))
            .limit(MAX_CLUSTERS)
            .toList();
    List<Group> others = new ArrayList<>(start);
    others.removeAll(largest);
    largest.forEach(this::add);
    int trials = TRIALS_PER_CLUSTER * groups.size();
    long quick = QUICK_WORK / ((long) blocks.rows * blocks.rows);
    long work = Math.max(quick, PASSES * groups.stream().mapToLong(Group::columns).sum());
    while (!pairs.isEmpty() && trials > 0) {
      Pair pair = pairs.remove();
      if (!alive.get(pair.left) || !alive.get(pair.right)) {
        continue;
      }
      Group left = groups.get(pair.left);
      Group right = groups.get(pair.right);
      if (left.columns() + right.columns() > work) {
        continue;
      }
      work -= left.columns() + right.columns();
      trials--;
      int[] union =
          IntStream.concat(Arrays.stream(left.members()), Arrays.stream(right.members()))
              .sorted()
              .toArray();
      Optional<Group> merged = trial.apply(union);
      if (merged.isPresent() && costOf(union, merged.get()) < left.cost() + right.cost()) {
        alive.set(pair.left, false);
        alive.set(pair.right, false);
        add(merged.get());
      }
    }
    IntStream.range(0, groups.size()).filter(alive::get).mapToObj(groups::get).forEach(others::add);
    return others;
  }

  /** With those who leave at their lone costs. */
  private long costOf(int[] union, Group merged) {
    long alone = Arrays.stream(union).mapToLong(j -> blocks.loneCosts[j]).sum();
    long inside = Arrays.stream(merged.members()).mapToLong(j -> blocks.loneCosts[j]).sum();
    return merged.cost() + alone - inside;
  }

  private void add(Group group) {
    int index = groups.size();
    groups.add(group);
    alive.add(true);
    for (int i = 0; i < index; i++) {
      if (alive.get(i)) {
        double overlap = overlap(groups.get(i), group);
        if (overlap >= LEAST_OVERLAP) {
          pairs.add(new Pair(i, index, overlap));
        }
      }
    }
  }

  private double overlap(Group a, Group b) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix ua = scope.own(blocks.la.columns(a.vectors(), 0, a.rank()));
      Matrix ub = scope.own(blocks.la.columns(b.vectors(), 0, b.rank()));
      double common = blocks.la.energy(scope.own(blocks.la.transposedProduct(ua, ub)));
      return Overlaps.beyondChance(common, a.rank(), b.rank(), blocks.rows);
    }
  }
}
