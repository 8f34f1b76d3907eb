package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PartitionStrategy;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.partition.Strategies;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * The partition of least cost among several that are improved step by step.
 *
 * <p>Starts are all blocks in one set, {@link Gallop galloping} passes at several ranks and, for
 * small families, the published passes at the same ranks. Each set is settled by the {@link
 * Planner}: it gets a joint basis, every member keeps the rows that it needs, and those that are
 * cheaper alone leave. The cheapest starts are improved while that pays: clusters {@link Merging
 * merge}, {@link Reassignment blocks move}, those left over gallop again or are {@link
 * Agglomeration agglomerated}, and members {@link OwnDirections add directions of their own}. The
 * cheapest wins; of equals the first.
 *
 * <p>Large families are searched on samples, whose clusters are then offered to all other blocks.
 *
 * <p>Costs are those of whole rows as the encoder will find them, but for rounding. What it saves
 * by leaving out single coefficients is guessed once, at the end, to see whether blocks had better
 * share one long {@link CommonBasis}. Nothing depends on time.
 */
public final class AutoStrategy implements PartitionStrategy {

  public static final String NAME = "auto";

  /** Ranks of galloping passes, over the median rank that blocks need by themselves. */
  private static final double[] RANKS_OVER_MEDIAN = {1.5, 2, 3, 4.5};

  /** Ranks of galloping passes for blocks of few columns, as shares of the rows. */
  private static final double[] RANKS_OVER_ROWS = {1 / 24.0, 1 / 12.0, 1 / 6.0};

  /** Blocks narrower than this share of the rows need company before their rank says anything. */
  private static final double NARROW = 0.125;

  private static final int MAX_ROUNDS = 4;

  /** Rounds go on while they save more than the rest of this. */
  private static final double SMALL_GAIN = 0.999;

  /** Families of more blocks are searched on samples. */
  private static final int SAMPLED_ABOVE = 12_000;

  private static final int SAMPLE = 6_000;

  /** So many of the cheapest starts are improved; where that takes long, only the cheapest. */
  private static final int IMPROVED_STARTS = 2;

  /** It takes long where rows² × factor columns are more than this. */
  private static final double LONG_WORK = 5e8;

  /** The published strategies take part where blocks × factor columns × rows is at most this. */
  private static final long PUBLISHED_WORK = 50_000_000L;

  /** And where their appends take at most about so many operations, a second or so. */
  private static final double PUBLISHED_OPERATIONS = 1e10;

  /** What is done for an append beside products and eigenproblems, in operations. */
  private static final double OPERATIONS_OF_A_CALL = 5e4;

  /** An estimate makes passes where factor columns × rows × the lesser of them is at most this. */
  private static final long QUICK_WORK = 300_000_000L;

  /** More than this, and than the members over this, are not put back into the group they left. */
  private static final int MANY_LEFT = 8;

  /** Below this limit the encoder leaves out no single coefficients. */
  private static final double LEAST_LIMIT_OF_ENTRIES = 1e-5;

  /** Single blocks take part in the agglomeration up to so many. */
  private static final int MAX_SINGLES = 1500;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<RoaringBitmap> partition(Family family, PartitionSettings settings) {
    return plan(family, settings).stream().map(PlannedCluster::members).toList();
  }

  @Override
  public List<PlannedCluster> plan(Family family, PartitionSettings settings) {
    return plan(family, settings, Extent.WHOLE);
  }

  /** What the blocks of a search are of all that have as many rows. */
  enum Extent {
    /** All of them. */
    WHOLE,
    /** Neighbours, whose clusters are merged with those of others later. */
    PART,
    /** Those who found no company in their part. */
    LEFT_OVER
  }

  /**
   * As {@link #plan(Family, PartitionSettings)}.
   *
   * @param extent of a part, those who left a group and found no other are alone, and not planned
   *     with it; only of the whole a {@link CommonBasis} is offered to everybody
   */
  List<PlannedCluster> plan(Family family, PartitionSettings settings, Extent extent) {
    Blocks blocks = new Blocks(family, settings);
    try (Search search = new Search(blocks)) {
      int[] every = IntStream.range(0, blocks.count).toArray();
      Candidate found =
          blocks.count <= SAMPLED_ABOVE
              ? search.among(every).cheaper(search.allWithOwnDirections(every))
              : search.bySampling(every);
      int[] common = extent == Extent.WHOLE ? search.sharingOne(found, every) : new int[0];
      return found.plan(extent != Extent.PART, common);
    }
  }

  /**
   * About what the partition of {@link #plan} stores, and usually a little more: the cheapest of
   * the starts without the improvements, which take most of the time. Where passes take long, too,
   * it is all blocks in one set.
   */
  public ExpectedCost expectedCost(Family family, PartitionSettings settings) {
    Blocks blocks = new Blocks(family, settings);
    try (Search search = new Search(blocks)) {
      return search.atFirst(IntStream.range(0, blocks.count).toArray()).expectedCost();
    }
  }

  /** The search among the blocks of one family. */
  private static final class Search implements AutoCloseable {

    private final Blocks blocks;
    private final Planner planner;
    private final Agglomeration.Runs agglomeration;

    /** The rank of the start that came to the best result. */
    private int bestRank;

    Search(Blocks blocks) {
      this.blocks = blocks;
      this.planner = new Planner(blocks);
      this.agglomeration = new Agglomeration.Runs(blocks);
      this.bestRank = blocks.settings.rank();
    }

    /** The best start. */
    Candidate atFirst(int[] positions) {
      Candidate best = Candidate.of(blocks, List.of()).cheaper(settled(List.of(positions)));
      for (int rank : isQuick() ? ranks(blocks) : List.<Integer>of()) {
        Gallop gallop = new Gallop(blocks, rank, blocks.settings.patience());
        best = best.cheaper(settled(gallop.run(positions)));
      }
      return best;
    }

    /** The best that all starts lead to; blocks outside {@code positions} stay alone. */
    Candidate among(int[] positions) {
      List<Start> starts = new ArrayList<>();
      starts.add(new Start(blocks.settings.rank(), settled(List.of(positions))));
      starts.addAll(passes(positions));
      starts.sort(Comparator.comparingLong(start -> start.candidate.cost));
      Candidate best = Candidate.of(blocks, List.of());
      try (Batches all = new Batches(blocks, positions)) {
        int improved = work(positions) > LONG_WORK ? 1 : IMPROVED_STARTS;
        for (Start start : starts.subList(0, Math.min(improved, starts.size()))) {
          Improver improver = new Improver(planner, all, agglomeration, positions, start.rank);
          Candidate found = best.cheaper(improver.run(start.candidate));
          if (found.cost < best.cost) {
            best = found;
            bestRank = start.rank;
          }
        }
      }
      return best;
    }

    /**
     * Passes at several ranks. Where the published ones take part, at all of them; in larger
     * families from a middle one upwards while that gets better, or else downwards. Passes that
     * find nothing say nothing about the next.
     */
    private List<Start> passes(int[] positions) {
      List<Integer> ranks = ranks(blocks);
      List<Start> starts = new ArrayList<>();
      if (positions.length == blocks.count && arePublishedQuick(ranks)) {
        for (int rank : ranks) {
          starts.add(pass(rank, positions));
          published(rank).forEach(sets -> starts.add(new Start(rank, settled(sets))));
        }
        return starts;
      }
      int middle = ranks.size() / 2;
      starts.add(pass(ranks.get(middle), positions));
      for (int direction : new int[] {1, -1}) {
        long least = starts.get(0).candidate.cost;
        for (int i = middle + direction; i >= 0 && i < ranks.size(); i += direction) {
          Start start = pass(ranks.get(i), positions);
          starts.add(start);
          if (start.candidate.cost >= least && !start.candidate.groups.isEmpty()) {
            break;
          }
          least = Math.min(least, start.candidate.cost);
        }
        if (least < starts.get(0).candidate.cost) {
          break;
        }
      }
      return starts;
    }

    private Start pass(int rank, int[] positions) {
      return new Start(
          rank, settled(new Gallop(blocks, rank, blocks.settings.patience()).run(positions)));
    }

    /** One cluster in which everybody may add directions: a joint limit then serves all. */
    Candidate allWithOwnDirections(int[] positions) {
      return Candidate.of(blocks, planner.withOwnDirections(positions).stream().toList());
    }

    /**
     * Finds clusters on a sample, offers all other blocks to them, and does the same again with
     * those that nobody wants.
     */
    Candidate bySampling(int[] positions) {
      Candidate best = Candidate.of(blocks, List.of());
      int[] left = positions;
      for (int round = 0; round < MAX_ROUNDS && left.length > 1; round++) {
        Candidate more;
        if (left.length > SAMPLE) {
          more = among(sample(left));
        } else {
          int patience = blocks.settings.patience();
          more = settled(new Gallop(blocks, bestRank, patience).run(left));
        }
        if (more.groups.isEmpty()) {
          break;
        }
        List<Group> groups = new ArrayList<>(best.groups);
        groups.addAll(more.groups);
        try (Batches batches = new Batches(blocks, left)) {
          best = best.cheaper(settled(new Reassignment(blocks).round(groups, batches)));
        }
        int[] stillLeft = best.alone(positions);
        if (stillLeft.length == left.length) {
          break;
        }
        left = stillLeft;
      }
      Merging merging = new Merging(blocks, planner::settled);
      best = best.cheaper(Candidate.of(blocks, merging.merge(best.groups)));
      return withOwnDirections(best, planner);
    }

    /** Those who had better have one long basis in common than the clusters found. */
    int[] sharingOne(Candidate found, int[] positions) {
      boolean mayLeaveOut = blocks.limit() >= LEAST_LIMIT_OF_ENTRIES;
      if (!mayLeaveOut || positions.length < 2) {
        return new int[0];
      }
      return planner.sharingOne(found.groups, found.alone(positions));
    }

    private double work(int[] positions) {
      return (double) blocks.rows * blocks.rows * factorColumns(IntStream.of(positions));
    }

    private Candidate settled(List<int[]> sets) {
      return Candidate.of(blocks, planner.settledAll(sets));
    }

    /**
     * As if by chance: what comes in turns, as blocks of one layer after the other, would be missed
     * by every fifth.
     */
    private static int[] sample(int[] positions) {
      int[] shuffled = positions.clone();
      SplittableRandom random = new SplittableRandom(positions.length);
      for (int i = 0; i < SAMPLE; i++) {
        int other = random.nextInt(i, shuffled.length);
        int taken = shuffled[other];
        shuffled[other] = shuffled[i];
        shuffled[i] = taken;
      }
      return Arrays.stream(shuffled, 0, SAMPLE).sorted().toArray();
    }

    /** Whether passes are quick beside the rest of a run. */
    private boolean isQuick() {
      long columns = factorColumns();
      return columns * blocks.rows * Math.min(columns, blocks.rows) <= QUICK_WORK;
    }

    private long factorColumns() {
      return factorColumns(IntStream.range(0, blocks.count));
    }

    private long factorColumns(IntStream positions) {
      return positions.mapToLong(j -> blocks.factor(j).columns()).sum();
    }

    private boolean arePublishedQuick(List<Integer> ranks) {
      if (factorColumns() * blocks.rows * blocks.count > PUBLISHED_WORK) {
        return false;
      }
      double appends = (double) blocks.count * Strategies.published().size();
      return ranks.stream().mapToDouble(rank -> appends * operationsOfAppend(rank)).sum()
          <= PUBLISHED_OPERATIONS;
    }

    /** Of a block with as many factor columns as the mean to a sketch of a rank. */
    private double operationsOfAppend(int rank) {
      double columns = (double) factorColumns() / blocks.count;
      double directions = Math.min(rank + columns, blocks.rows);
      return 8.0 * blocks.rows * rank * columns
          + 10 * directions * directions * directions
          + OPERATIONS_OF_A_CALL;
    }

    /** What the published strategies find at a rank. */
    private List<List<int[]>> published(int rank) {
      List<List<int[]>> found = new ArrayList<>();
      for (String name : Strategies.published()) {
        PartitionStrategy strategy = Strategies.byName(name).orElseThrow();
        found.add(
            strategy.partition(blocks.family, blocks.settings.withRank(rank)).stream()
                .filter(each -> each.getCardinality() > 1)
                .map(RoaringBitmap::toArray)
                .toList());
      }
      return found;
    }

    @Override
    public void close() {
      planner.close();
      agglomeration.close();
    }
  }

  /** A partition to improve, and the rank it was found at. */
  private record Start(int rank, Candidate candidate) {}

  /** Merges, moves and gallops among what is left, while the cost falls. */
  private record Improver(
      Planner planner, Batches all, Agglomeration.Runs agglomeration, int[] positions, int rank) {

    Candidate run(Candidate start) {
      Blocks blocks = start.blocks;
      Candidate best = start;
      for (int round = 0; round < MAX_ROUNDS; round++) {
        long before = best.cost;
        Merging merging = new Merging(blocks, planner::settled);
        best = best.cheaper(Candidate.of(blocks, merging.merge(best.groups)));
        List<int[]> moved = new Reassignment(blocks).round(best.groups, all);
        best = best.cheaper(Candidate.of(blocks, planner.settledAll(moved)));
        best =
            best.cheaper(best.and(planner, new Gallop(blocks, rank, 3).run(best.alone(positions))));
        int[] alone = best.alone(positions);
        if (round == 0 && alone.length <= MAX_SINGLES && !narrow(blocks)) {
          List<int[]> merged = agglomeration.merge(alone);
          best = best.cheaper(best.and(planner, merged));
        }
        if (best.cost >= before * SMALL_GAIN) {
          break;
        }
      }
      return withOwnDirections(best, planner);
    }
  }

  /** Lets members add directions, and merges clusters by what they then cost. */
  private static Candidate withOwnDirections(Candidate start, Planner planner) {
    Candidate best = start;
    for (int round = 0; round < MAX_ROUNDS; round++) {
      long before = best.cost;
      best = best.cheaper(best.withOwnDirections(planner));
      if (best.groups.stream().noneMatch(group -> group.own())) {
        break;
      }
      Merging merging = new Merging(best.blocks, planner::withOwnDirections);
      best = best.cheaper(Candidate.of(best.blocks, merging.merge(best.groups)));
      if (best.cost >= before * SMALL_GAIN) {
        break;
      }
    }
    return best;
  }

  private static boolean narrow(Blocks blocks) {
    long[] sorted = blocks.columns.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2] < NARROW * blocks.rows;
  }

  private static List<Integer> ranks(Blocks blocks) {
    TreeSet<Integer> ranks = new TreeSet<>();
    int[] sorted = blocks.loneRanks.clone();
    Arrays.sort(sorted);
    int median = sorted[sorted.length / 2];
    for (double factor : RANKS_OVER_MEDIAN) {
      ranks.add((int) Math.ceil(factor * median));
    }
    if (narrow(blocks)) {
      for (double share : RANKS_OVER_ROWS) {
        ranks.add((int) Math.ceil(share * blocks.rows));
      }
      ranks.removeIf(rank -> rank < blocks.rows * RANKS_OVER_ROWS[0] / 2);
    }
    ranks.add(blocks.settings.rank());
    int limit = Math.min(blocks.settings.rankLimit(), blocks.rows);
    TreeSet<Integer> possible = new TreeSet<>();
    ranks.forEach(rank -> possible.add(Math.max(1, Math.min(rank, limit))));
    return List.copyOf(possible);
  }

  /** A partition with its cost. */
  private static final class Candidate {
    final Blocks blocks;
    final List<Group> groups;
    final long cost;

    private Candidate(Blocks blocks, List<Group> groups, long cost) {
      this.blocks = blocks;
      this.groups = groups;
      this.cost = cost;
    }

    static Candidate of(Blocks blocks, List<Group> groups) {
      long cost = Arrays.stream(blocks.loneCosts).sum();
      for (Group group : groups) {
        cost += group.cost();
        for (int j : group.members()) {
          cost -= blocks.loneCosts[j];
        }
      }
      return new Candidate(blocks, groups, cost);
    }

    /** The cheaper of both, this if they are equal. */
    Candidate cheaper(Candidate other) {
      return other.cost < cost ? other : this;
    }

    /** Those of some positions that are in no group. */
    int[] alone(int[] among) {
      boolean[] grouped = new boolean[blocks.count];
      groups.forEach(group -> Arrays.stream(group.members()).forEach(j -> grouped[j] = true));
      return Arrays.stream(among).filter(j -> !grouped[j]).toArray();
    }

    /** This and more clusters of blocks that are alone here. */
    Candidate and(Planner planner, List<int[]> sets) {
      List<Group> more = new ArrayList<>(groups);
      more.addAll(planner.settledAll(sets));
      return of(blocks, more);
    }

    /** The same sets, and their members may add directions. */
    Candidate withOwnDirections(Planner planner) {
      List<Group> dictionaries = new ArrayList<>();
      groups.forEach(
          group -> planner.withOwnDirections(group.members()).ifPresent(dictionaries::add));
      return of(blocks, dictionaries);
    }

    ExpectedCost expectedCost() {
      double[] ofBlocks = Arrays.stream(blocks.loneCosts).asDoubleStream().toArray();
      List<ExpectedCost.Basis> bases = new ArrayList<>();
      for (Group group : groups) {
        long basis = Math.min((long) group.rank() * blocks.rows, group.cost());
        bases.add(new ExpectedCost.Basis(basis, group.members()));
        for (int j : group.members()) {
          ofBlocks[j] = (double) (group.cost() - basis) * blocks.columns[j] / group.columns();
        }
      }
      return new ExpectedCost(ofBlocks, bases);
    }

    /**
     * The clusters as the encoder is to try them: those who left a group are put back if nobody
     * else has them, so that the encoder finds the same basis, and lets them leave again. Where
     * they are many that would take longer than it helps: the others do well with their own basis.
     *
     * @param common those who share one basis instead; of each group all or nobody
     */
    List<PlannedCluster> plan(boolean putBack, int[] common) {
      List<PlannedCluster> clusters = new ArrayList<>();
      boolean[] placed = new boolean[blocks.count];
      boolean[] sharingOne = new boolean[blocks.count];
      Arrays.stream(common).forEach(j -> placed[j] = sharingOne[j] = true);
      if (common.length > 0) {
        clusters.add(PlannedCluster.of(RoaringBitmap.bitmapOf(common)));
      }
      groups.forEach(group -> Arrays.stream(group.members()).forEach(j -> placed[j] = true));
      for (Group group : groups) {
        if (sharingOne[group.members()[0]]) {
          continue;
        }
        RoaringBitmap members = RoaringBitmap.bitmapOf(group.members());
        RoaringBitmap basisOf = RoaringBitmap.bitmapOf(group.basisOf());
        RoaringBitmap left = RoaringBitmap.andNot(basisOf, members);
        int most = Math.max(MANY_LEFT, group.members().length / MANY_LEFT);
        if (putBack && left.getCardinality() <= most && left.stream().noneMatch(j -> placed[j])) {
          left.forEach((int j) -> placed[j] = true);
          members = basisOf;
        }
        clusters.add(new PlannedCluster(members, group.shared()));
      }
      IntStream.range(0, blocks.count)
          .filter(j -> !placed[j])
          .forEach(j -> clusters.add(PlannedCluster.of(RoaringBitmap.bitmapOf(j))));
      return clusters;
    }
  }
}
