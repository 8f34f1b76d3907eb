package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SparsePlan;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.KeptRows;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Subspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/**
 * Decomposes sets of blocks and finds what they cost, as the encoder will find it but for rounding.
 *
 * <p>Decompositions are by Gram matrices in double, of the smaller side.
 */
final class Planner implements AutoCloseable {

  private static final double NOISE = 1e-15;

  /** Sets whose smaller side is larger are not tried. */
  private static final int GRAM_LIMIT = 4096;

  /** How often those that stay get a basis of their own. */
  private static final int MAX_ROUNDS = 3;

  /** A decomposition keeps all but this share of the error limit. */
  private static final double DROPPED_SHARE = 0.1;

  /** Of sets of up to so many members, and vectors, every possibility is tried. */
  private static final int SMALL_SET = 48;

  /** No dictionary has more vectors than this, over those that the joint limit takes. */
  private static final int VECTORS_OVER_NEEDED = 2;

  private static final int LEAST_VECTORS = 16;

  /** The joint plan of rows is made where it has to weigh at most so many of them. */
  private static final long MAX_JOINT_ROWS = 30_000_000L;

  /** Columns of a subspace iteration, its steps, and how much larger the matrix must be. */
  private static final int SUBSPACE = 48;

  private static final int ITERATIONS = 4;
  private static final int FEW = 4;

  /** Below this limit the energy that a subspace leaves out is no difference of two energies. */
  private static final double DIFFERENCE_LIMIT = 1e-5;

  private final Blocks blocks;
  private final OwnDirections own;
  private final Map<RoaringBitmap, Optional<Group>> known = new HashMap<>();
  private final Map<RoaringBitmap, Optional<Group>> finished = new HashMap<>();

  Planner(Blocks blocks) {
    this.blocks = blocks;
    this.own = new OwnDirections(blocks);
  }

  /** Left singular vectors and spectrum of some blocks side by side. */
  private record Joint(Matrix vectors, Spectrum spectrum) {}

  private Joint joint(int[] members, Batches batches) {
    long width = Arrays.stream(members).mapToLong(j -> blocks.factor(j).columns()).sum();
    double dropped = 0;
    for (int member : members) {
      dropped += blocks.spectrum(member).droppedEnergy();
    }
    try (MatrixScope scope = new MatrixScope()) {
      boolean outer = blocks.rows <= width;
      Matrix all = outer ? null : scope.own(blocks.concatenated(members));
      Matrix gram;
      if (all == null) {
        gram = scope.own(blocks.la.zeros(blocks.rows, blocks.rows, Precision.FLOAT64));
        batches.addOuterProducts(gram);
      } else {
        gram = scope.own(blocks.la.gram(all));
      }
      int least = members.length <= SMALL_SET ? SMALL_SET : LEAST_VECTORS;
      double droppedBefore = dropped;
      Leading leading =
          eigen(gram, dropped, each -> kept(Blocks.squares(each), droppedBefore, least));
      Eigen eigen = scope.own(leading.eigen);
      dropped += leading.left;
      double[] values = Blocks.squares(eigen.values());
      int kept = kept(values, dropped, least);
      for (int i = values.length - 1; i >= kept; i--) {
        dropped += values[i];
      }
      Matrix doubles = scope.own(blocks.la.columns(eigen.vectors(), 0, kept));
      Matrix vectors = blocks.la.cast(doubles, blocks.precision);
      if (all != null) {
        scope.own(vectors);
        Qr qr = blocks.la.qr(scope.own(blocks.la.product(all, vectors)));
        scope.own(qr.r());
        vectors = qr.q();
      }
      return new Joint(vectors, Spectrum.ofKept(Arrays.copyOf(values, kept), dropped));
    }
  }

  /**
   * How many directions a set of blocks keeps.
   *
   * @param values squared singular values, largest first
   * @param dropped the energy outside them
   * @param least this many at least, of those that are not negligible
   */
  private int kept(double[] values, double dropped, int least) {
    double total = Arrays.stream(values).sum();
    double share = DROPPED_SHARE * blocks.limit();
    double negligible = Math.max(NOISE, share * share / values.length) * total;
    int kept = 0;
    while (kept < values.length && values[kept] > negligible) {
      kept++;
    }
    Spectrum whole = Spectrum.ofKept(values, dropped);
    int needed = Rank.smallestFor(whole, blocks.limit()).orElse(values.length);
    int most = Math.max(least, VECTORS_OVER_NEEDED * needed);
    return Math.min(kept, Math.min(most, blocks.settings.rankLimit()));
  }

  /**
   * Eigenpairs of a Gram matrix, largest first.
   *
   * @param left the energy of those that are not here
   */
  private record Leading(Eigen eigen, double left) {}

  /**
   * The eigenpairs of a Gram matrix that matter: by subspace iteration where few of them meet the
   * limit twice over, which is several times as fast as all of them.
   *
   * @param count how many vectors there are otherwise, of all eigenvalues
   */
  private Leading eigen(Matrix gram, double dropped, ToIntFunction<double[]> count) {
    int m = gram.rows();
    if (m < SUBSPACE * FEW || blocks.limit() < DIFFERENCE_LIMIT) {
      return new Leading(blocks.la.symmetricEigen(gram, count), 0);
    }
    try (Subspace subspace = Subspace.of(blocks.la, gram, SUBSPACE, ITERATIONS)) {
      double trace = trace(gram);
      double[] values = subspace.inside().values();
      double left = trace;
      for (int i = 0; i < SUBSPACE / VECTORS_OVER_NEEDED; i++) {
        left -= values[i];
      }
      double allowed = blocks.limit() * blocks.limit() * (trace + dropped);
      if (left + dropped > allowed) {
        return new Leading(blocks.la.symmetricEigen(gram, count), 0);
      }
      double rest = Math.max(0, trace - Arrays.stream(values).sum());
      return new Leading(subspace.ritzPairs(blocks.la), rest);
    }
  }

  private static double trace(Matrix gram) {
    double[] values = gram.toDoubles();
    double trace = 0;
    for (int i = 0; i < gram.rows(); i++) {
      trace += values[i * (gram.rows() + 1)];
    }
    return trace;
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
    try (Basis all = new Basis(members)) {
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

  /** Blocks side by side, and their decomposition. */
  private final class Basis implements AutoCloseable {
    final int[] members;
    final Batches batches;
    final Joint joint;

    Basis(int[] members) {
      long started = System.nanoTime();
      this.members = members;
      this.batches = new Batches(blocks, members);
      try {
        this.joint = joint(members, batches);
        blocks.decisions().took(Proof.EXACT, started);
      } catch (RuntimeException | Error e) {
        batches.close();
        throw e;
      }
    }

    @Override
    public void close() {
      try {
        batches.close();
      } finally {
        joint.vectors.close();
      }
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
  private Optional<Group> follow(int[] members, Way way, @Nullable Basis all) {
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
    try (Basis basis = new Basis(members)) {
      return cheapest(basis, way);
    }
  }

  private long alone(int[] members) {
    return Arrays.stream(members).mapToLong(j -> blocks.loneCosts[j]).sum();
  }

  /** The cheapest use of a joint basis by at least two members. */
  private Optional<Group> cheapest(Basis basis, Way way) {
    long started = System.nanoTime();
    if (basis.joint.vectors.columns() == 0) {
      return Optional.empty();
    }
    PrefixScan.Choice choice =
        blocks.settings.limit().scope() == Scope.BLOCK
            ? eachByItself(basis.joint, basis.members, basis.batches, way)
            : jointly(basis.joint, basis.members, basis.batches, way);
    int sharing = choice.sharing().length < 2 ? 0 : choice.sharing().length;
    blocks.decisions().count(Proof.EXACT, Decision.ACCEPT, sharing);
    blocks.decisions().count(Proof.EXACT, Decision.REJECT, basis.members.length - sharing);
    blocks.decisions().took(Proof.EXACT, started);
    return choice.sharing().length < 2
        ? Optional.empty()
        : Optional.of(
            group(
                basis.joint,
                choice.sharing(),
                basis.members,
                choice.rank(),
                choice.whole() ? OptionalInt.empty() : OptionalInt.of(choice.rank()),
                false,
                choice.cost()));
  }

  private PrefixScan.Choice eachByItself(Joint joint, int[] members, Batches batches, Way way) {
    int vectors = joint.vectors.columns();
    PrefixScan scan = new PrefixScan(blocks, members, vectors);
    batches.project(joint.vectors, (j, captured, outside) -> scan.add(captured, outside));
    PrefixScan.Choice whole = scan.wholeRows();
    if (way == Way.WHOLE_ROWS) {
      return whole;
    }
    PrefixScan.Choice own =
        members.length <= SMALL_SET && vectors <= SMALL_SET
            ? everyPrefix(seen(joint, batches), members, vectors)
            : scan.ownChoice();
    return own.costOfAll() < whole.costOfAll() ? own : whole;
  }

  private List<SparsePlan.Block> seen(Joint joint, Batches batches) {
    List<SparsePlan.Block> seen = new ArrayList<>();
    batches.project(
        joint.vectors,
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

  private PrefixScan.Choice jointly(Joint joint, int[] members, Batches batches, Way way) {
    long columns = columns(members);
    int most = StorageCost.largestPayingRank(blocks.rows, columns);
    int rank = Rank.smallestFor(joint.spectrum, blocks.limit()).orElse(most + 1);
    PrefixScan.Choice best = nobody(members);
    if (rank <= most) {
      long cost = StorageCost.lowRank(rank, blocks.rows, columns);
      best =
          cost <= best.costOfAll() ? new PrefixScan.Choice(rank, true, members, cost, cost) : best;
    }
    if (way == Way.WHOLE_ROWS || (long) members.length * joint.vectors.columns() > MAX_JOINT_ROWS) {
      return best;
    }
    SparsePlan plan = plan(seen(joint, batches));
    int last = Arrays.stream(plan.directions()).max().orElse(0);
    PrefixScan.Choice rows = choice(plan, members, last + 1);
    if (rows.costOfAll() >= best.costOfAll()) {
      return best;
    }
    return members.length <= SMALL_SET ? exact(rows, plan) : rows;
  }

  private Group group(
      Joint joint,
      int[] members,
      int[] basisOf,
      int rank,
      OptionalInt shared,
      boolean own,
      long cost) {
    int kept = Math.min(Math.max(rank, 1), joint.spectrum.size());
    double[] squares = new double[kept];
    for (int i = 0; i < kept; i++) {
      squares[i] = joint.spectrum.squaredSingularValue(i);
    }
    return new Group(
        members,
        basisOf,
        blocks.la.columns(joint.vectors, 0, kept),
        Spectrum.ofKept(squares, joint.spectrum.tailEnergy(kept)),
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
    try (Basis basis = new Basis(members)) {
      return own.cheapest(basis.joint.vectors, members, costToBeat)
          .map(
              choice ->
                  group(
                      basis.joint,
                      choice.sharing(),
                      members,
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
    try (Basis basis = new Basis(members)) {
      return CommonBasis.Seen.of(basis.joint.vectors, basis.batches);
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
