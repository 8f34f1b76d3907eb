package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SparsePlan;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.KeptRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/**
 * Decomposes sets of blocks and finds what they cost, as the encoder will find it but for rounding.
 */
final class Planner implements AutoCloseable {

  /** Sets whose smaller side is larger are not tried. */
  private static final int GRAM_LIMIT = 4096;

  /** How often those that stay get a basis of their own. */
  private static final int MAX_ROUNDS = 3;

  /** Of sets of up to so many members, and vectors, every possibility is tried. */
  static final int SMALL_SET = 48;

  /** The joint plan of rows is made where it has to weigh at most so many of them. */
  private static final long MAX_JOINT_ROWS = 30_000_000L;

  private final Blocks blocks;
  private final OwnDirections own;
  private final Map<RoaringBitmap, Optional<Group>> known = new HashMap<>();
  private final Map<RoaringBitmap, Optional<Group>> finished = new HashMap<>();

  Planner(Blocks blocks) {
    this.blocks = blocks;
    this.own = new OwnDirections(blocks);
  }

  /**
   * What the scope makes of a set of blocks: a group of those that share, or none when all are
   * cheaper alone. Those that are not in it stay alone. Most sets come again while a partition is
   * improved, so results are kept; the groups belong to this planner.
   */
  Optional<Group> settled(int[] members) {
    if (members.length < 2) {
      return Optional.empty();
    }
    RoaringBitmap set = RoaringBitmap.bitmapOf(members);
    Optional<Group> group = known.get(set);
    if (group == null) {
      group = settle(set.toArray());
      known.put(set, group);
    }
    return group;
  }

  private Optional<Group> settle(int[] members) {
    long width = Arrays.stream(members).mapToLong(j -> blocks.factor(j).columns()).sum();
    if (Math.min(blocks.rows, width) > GRAM_LIMIT) {
      return Optional.empty();
    }
    if (members.length > SMALL_SET) {
      return follow(members, Way.CHEAPEST, null);
    }
    try (JointBasis all = new JointBasis(blocks, members)) {
      // Whoever leaves early may do better with the others than what seemed cheapest at first.
      Optional<Group> best = follow(members, Way.CHEAPEST, all);
      Optional<Group> whole = follow(members, Way.WHOLE_ROWS, all);
      if (costOfAll(members, whole) < costOfAll(members, best)) {
        best.ifPresent(Group::close);
        return whole;
      }
      whole.ifPresent(Group::close);
      return best;
    }
  }

  /** How members may use a basis. */
  private enum Way {
    CHEAPEST,
    WHOLE_ROWS
  }

  private long costOfAll(int[] members, Optional<Group> group) {
    return alone(members) + group.map(each -> each.cost() - alone(each.members())).orElse(0L);
  }

  /**
   * Lets those leave that are cheaper alone, as often as it takes; the cheapest round counts.
   *
   * @param all the basis of all members, if it is there already
   */
  private Optional<Group> follow(int[] members, Way way, @Nullable JointBasis all) {
    int[] stay = members;
    Optional<Group> best = Optional.empty();
    for (int round = 1; round <= MAX_ROUNDS && stay.length > 1; round++) {
      Optional<Group> group = round == 1 && all != null ? cheapest(all, way) : cheapest(stay, way);
      if (group.isEmpty()) {
        break;
      }
      int[] sharing = group.get().members();
      // A new basis for those that share is better for their joint error, not always for each.
      if (costOfAll(members, group) < costOfAll(members, best)) {
        best.ifPresent(Group::close);
        best = group;
      } else {
        group.get().close();
      }
      if (sharing.length == stay.length) {
        break;
      }
      stay = sharing;
    }
    return best;
  }

  private Optional<Group> cheapest(int[] members, Way way) {
    try (JointBasis basis = new JointBasis(blocks, members)) {
      return cheapest(basis, way);
    }
  }

  private long alone(int[] members) {
    return Arrays.stream(members).mapToLong(j -> blocks.loneCosts[j]).sum();
  }

  /** The cheapest use of a joint basis by at least two members. */
  private Optional<Group> cheapest(JointBasis basis, Way way) {
    long started = System.nanoTime();
    if (basis.size() == 0) {
      return Optional.empty();
    }
    PrefixScan.Choice choice =
        blocks.settings.limit().scope() == Scope.BLOCK
            ? eachByItself(basis, way)
            : jointly(basis, way);
    int sharing = choice.sharing().length < 2 ? 0 : choice.sharing().length;
    blocks.decisions().count(Proof.EXACT, Decision.ACCEPT, sharing);
    blocks.decisions().count(Proof.EXACT, Decision.REJECT, basis.members().length - sharing);
    blocks.decisions().took(Proof.EXACT, started);
    return choice.sharing().length < 2
        ? Optional.empty()
        : Optional.of(
            group(
                basis,
                choice.sharing(),
                choice.rank(),
                choice.whole() ? OptionalInt.empty() : OptionalInt.of(choice.rank()),
                false,
                choice.cost()));
  }

  private PrefixScan.Choice eachByItself(JointBasis basis, Way way) {
    int[] members = basis.members();
    int vectors = basis.size();
    PrefixScan scan = new PrefixScan(blocks, members, vectors);
    basis.project((j, captured, outside) -> scan.add(captured, outside));
    PrefixScan.Choice whole = scan.wholeRows();
    if (way == Way.WHOLE_ROWS) {
      return whole;
    }
    PrefixScan.Choice own =
        members.length <= SMALL_SET && vectors <= SMALL_SET
            ? everyPrefix(seen(basis), members, vectors)
            : scan.ownChoice();
    return own.costOfAll() < whole.costOfAll() ? own : whole;
  }

  private List<SparsePlan.Block> seen(JointBasis basis) {
    List<SparsePlan.Block> seen = new ArrayList<>();
    basis.project(
        (j, captured, outside) ->
            seen.add(
                new SparsePlan.Block(
                    blocks.columns[j],
                    blocks.energies[j],
                    captured.clone(),
                    new double[0],
                    blocks.loneCosts[j])));
    return seen;
  }

  /** For small sets all prefixes are tried, so that the encoder finds none that is cheaper. */
  private PrefixScan.Choice everyPrefix(List<SparsePlan.Block> seen, int[] members, int vectors) {
    PrefixScan.Choice best = nobody(members);
    for (int prefix = 1; prefix <= vectors; prefix++) {
      int rank = prefix;
      List<SparsePlan.Block> leading =
          seen.stream()
              .map(
                  block ->
                      new SparsePlan.Block(
                          block.columns(),
                          block.energy(),
                          Arrays.copyOf(block.shared(), rank),
                          block.own(),
                          block.loneCost()))
              .toList();
      SparsePlan plan = plan(leading);
      PrefixScan.Choice choice = exact(choice(plan, members, rank), plan);
      if (choice.costOfAll() < best.costOfAll()) {
        best = choice;
      }
    }
    return best;
  }

  private SparsePlan plan(List<SparsePlan.Block> seen) {
    return SparsePlan.of(blocks.rows, blocks.settings.limit(), seen, Blocks.BYTES_PER_NUMBER);
  }

  private PrefixScan.Choice choice(SparsePlan plan, int[] members, int rank) {
    int[] sharing =
        IntStream.range(0, members.length)
            .filter(i -> plan.uses().get(i).isPresent())
            .map(i -> members[i])
            .toArray();
    long left = alone(members) - alone(sharing);
    return new PrefixScan.Choice(rank, false, sharing, plan.cost() - left, plan.cost());
  }

  /** The choice with the mask as it will be stored; plans count with the most that it may take. */
  private static PrefixScan.Choice exact(PrefixScan.Choice choice, SparsePlan plan) {
    long saved = plan.cost() - KeptRows.costOf(plan, Blocks.BYTES_PER_NUMBER);
    return new PrefixScan.Choice(
        choice.rank(), false, choice.sharing(), choice.cost() - saved, choice.costOfAll() - saved);
  }

  private PrefixScan.Choice nobody(int[] members) {
    return new PrefixScan.Choice(0, true, new int[0], 0, alone(members));
  }

  private PrefixScan.Choice jointly(JointBasis basis, Way way) {
    int[] members = basis.members();
    long columns = columns(members);
    int most = StorageCost.largestPayingRank(blocks.rows, columns);
    int rank = Rank.smallestFor(basis.spectrum(), blocks.limit()).orElse(most + 1);
    PrefixScan.Choice best = nobody(members);
    if (rank <= most) {
      long cost = StorageCost.lowRank(rank, blocks.rows, columns);
      best =
          cost <= best.costOfAll() ? new PrefixScan.Choice(rank, true, members, cost, cost) : best;
    }
    if (way == Way.WHOLE_ROWS || (long) members.length * basis.size() > MAX_JOINT_ROWS) {
      return best;
    }
    SparsePlan plan = plan(seen(basis));
    int last = Arrays.stream(plan.directions()).max().orElse(0);
    PrefixScan.Choice rows = choice(plan, members, last + 1);
    if (rows.costOfAll() >= best.costOfAll()) {
      return best;
    }
    return members.length <= SMALL_SET ? exact(rows, plan) : rows;
  }

  private Group group(
      JointBasis basis, int[] members, int rank, OptionalInt shared, boolean own, long cost) {
    int kept = Math.min(Math.max(rank, 1), basis.size());
    double[] squares = new double[kept];
    for (int i = 0; i < kept; i++) {
      squares[i] = basis.spectrum().squaredSingularValue(i);
    }
    return new Group(
        members,
        basis.members(),
        blocks.la.columns(basis.vectors(), 0, kept),
        Spectrum.ofKept(squares, basis.spectrum().tailEnergy(kept)),
        columns(members),
        kept,
        shared,
        own,
        cost);
  }

  private long columns(int[] members) {
    return Arrays.stream(members).mapToLong(j -> blocks.columns[j]).sum();
  }

  /**
   * The cheaper of what {@link #settled} finds and a dictionary in which members add directions.
   */
  Optional<Group> withOwnDirections(int[] members) {
    Optional<Group> settled = settled(members);
    if (blocks.settings.rankLimit() < blocks.rows || members.length < 2) {
      return settled;
    }
    return finished
        .computeIfAbsent(RoaringBitmap.bitmapOf(members), set -> own(set.toArray(), settled))
        .or(() -> settled);
  }

  private Optional<Group> own(int[] members, Optional<Group> settled) {
    long costToBeat =
        settled
            .map(group -> group.cost() + alone(members) - alone(group.members()))
            .orElseGet(() -> alone(members));
    long width = Arrays.stream(members).mapToLong(j -> blocks.factor(j).columns()).sum();
    if (Math.min(blocks.rows, width) > GRAM_LIMIT) {
      return Optional.empty();
    }
    try (JointBasis basis = new JointBasis(blocks, members)) {
      return own.cheapest(basis.vectors(), members, costToBeat)
          .map(
              choice ->
                  group(
                      basis,
                      choice.sharing(),
                      choice.shared(),
                      OptionalInt.of(choice.shared()),
                      true,
                      choice.cost()));
    }
  }

  /**
   * Those of all blocks who had better share one long basis: see {@link CommonBasis#joining}.
   *
   * @param groups disjoint clusters
   * @param alone other blocks
   */
  int[] sharingOne(List<Group> groups, int[] alone) {
    if (blocks.settings.rankLimit() < blocks.rows || blocks.rows > GRAM_LIMIT) {
      return new int[0];
    }
    return new CommonBasis(blocks).joining(this::inOwnBasis, groups, alone);
  }

  private CommonBasis.Seen inOwnBasis(int[] members) {
    try (JointBasis basis = new JointBasis(blocks, members)) {
      return CommonBasis.Seen.of(basis.vectors(), basis.batches());
    }
  }

  /** Settles several sets of blocks. */
  List<Group> settledAll(List<int[]> sets) {
    List<Group> groups = new ArrayList<>();
    for (int[] set : sets) {
      settled(set).ifPresent(groups::add);
    }
    return groups;
  }

  @Override
  public void close() {
    known.values().forEach(group -> group.ifPresent(Group::close));
    finished.values().forEach(group -> group.ifPresent(Group::close));
  }
}
