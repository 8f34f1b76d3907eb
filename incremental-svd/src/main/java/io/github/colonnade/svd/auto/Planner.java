package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SharedRank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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

  /** The decomposition of a group leaves out this share of the error limit at most. */
  private static final double DROPPED_SHARE = 0.3;

  private final Blocks blocks;
  private final Map<RoaringBitmap, List<Group>> known = new HashMap<>();

  Planner(Blocks blocks) {
    this.blocks = blocks;
  }

  /** A set of blocks as one group, whatever it costs each of them. */
  Group joint(int[] members) {
    long columns = columns(members);
    int most = mostRank(columns);
    try (MatrixScope scope = new MatrixScope();
        Matrix all = blocks.concatenated(members)) {
      double dropped = 0;
      for (int member : members) {
        dropped += blocks.spectrum(member).droppedEnergy();
      }
      Eigen eigen;
      boolean outer = all.rows() <= all.columns();
      if (outer) {
        Matrix gram = scope.own(blocks.la.zeros(all.rows(), all.rows(), Precision.FLOAT64));
        blocks.la.addOuterProductInPlace(gram, all, 1);
        eigen = scope.own(blocks.la.symmetricEigen(gram));
      } else {
        eigen = scope.own(blocks.la.symmetricEigen(scope.own(blocks.la.gram(all))));
      }
      double[] values = eigen.values();
      double total = Arrays.stream(values).map(x -> Math.max(x, 0)).sum();
      int kept = 0;
      while (kept < Math.min(most, values.length) && values[kept] > NOISE * total) {
        kept++;
      }
      for (int i = values.length - 1; i >= kept; i--) {
        dropped += Math.max(values[i], 0);
      }
      Spectrum spectrum = Spectrum.ofKept(Arrays.copyOf(values, kept), dropped);
      Matrix leading = scope.own(blocks.la.columns(eigen.vectors(), 0, kept));
      Matrix vectors = blocks.la.cast(leading, blocks.precision);
      if (!outer) {
        scope.own(vectors);
        Qr qr = blocks.la.qr(scope.own(blocks.la.product(all, vectors)));
        scope.own(qr.r());
        vectors = qr.q();
      }
      int rank = Rank.smallestFor(spectrum, blocks.limit()).orElse(most + 1);
      long cost =
          rank > most
              ? StorageCost.raw(blocks.rows, columns)
              : StorageCost.best(rank, blocks.rows, columns);
      return new Group(members, vectors, spectrum, columns, Math.min(rank, kept), cost);
    }
  }

  /**
   * What the scope makes of a set of blocks: a group of those that share (or none, when all are
   * cheaper alone). Those that are not in it stay alone. Most sets come again while a partition is
   * improved, so results are kept; the groups belong to this planner.
   */
  List<Group> settled(int[] members) {
    return known.computeIfAbsent(RoaringBitmap.bitmapOf(members), set -> settle(set.toArray()));
  }

  private List<Group> settle(int[] members) {
    int[] stay = members;
    long width = Arrays.stream(members).mapToLong(j -> blocks.factor(j).columns()).sum();
    if (Math.min(blocks.rows, width) > GRAM_LIMIT) {
      return List.of();
    }
    List<Group> best = List.of();
    long bestCost = Long.MAX_VALUE;
    long left = 0;
    for (int round = 1; round <= MAX_ROUNDS && stay.length > 1; round++) {
      Group group = joint(stay);
      long alone = Arrays.stream(stay).mapToLong(j -> blocks.loneCosts[j]).sum();
      if (blocks.settings.limit().scope() == Scope.CLUSTER) {
        if (group.cost() < alone) {
          return List.of(shortened(group, stay, group.columns(), group.rank(), group.cost()));
        }
        group.close();
        return List.of();
      }
      int[] needed = neededRanks(group, stay);
      int[] current = stay;
      SharedRank.Choice choice =
          SharedRank.cheapest(
              blocks.rows,
              Arrays.stream(current).mapToLong(j -> blocks.columns[j]).toArray(),
              needed,
              Arrays.stream(current).mapToLong(j -> blocks.loneCosts[j]).toArray());
      int[] sharing =
          IntStream.range(0, current.length)
              .filter(
                  i ->
                      choice.shares(
                          needed[i], blocks.columns[current[i]], blocks.loneCosts[current[i]]))
              .map(i -> current[i])
              .toArray();
      // A new basis for those that share is better for their joint error, not always for each.
      if (sharing.length > 1 && choice.cost() + left < bestCost) {
        bestCost = choice.cost() + left;
        best.forEach(Group::close);
        long columns = columns(sharing);
        long cost = StorageCost.lowRank(choice.rank(), blocks.rows, columns);
        best = List.of(shortened(group, sharing, columns, choice.rank(), cost));
      } else {
        group.close();
      }
      if (sharing.length == stay.length) {
        break;
      }
      left += alone - Arrays.stream(sharing).mapToLong(j -> blocks.loneCosts[j]).sum();
      stay = sharing;
    }
    return best;
  }

  /** The group without the vectors that nothing will ask for; closes the one it was given. */
  private Group shortened(Group group, int[] members, long columns, int rank, long cost) {
    double share = DROPPED_SHARE * blocks.limit();
    double allowed = share * share * group.spectrum().energy();
    int kept = Math.min(Math.max(rank, 1), group.spectrum().size());
    while (kept < group.spectrum().size() && group.spectrum().tailEnergy(kept) > allowed) {
      kept++;
    }
    double[] squares = new double[kept];
    for (int i = 0; i < kept; i++) {
      squares[i] = group.spectrum().squaredSingularValue(i);
    }
    Spectrum spectrum = Spectrum.ofKept(squares, group.spectrum().tailEnergy(kept));
    try (group) {
      Matrix vectors = blocks.la.columns(group.vectors(), 0, kept);
      return new Group(members, vectors, spectrum, columns, rank, cost);
    }
  }

  /** The least rank of the group's basis at which each member meets the limit by itself. */
  private int[] neededRanks(Group group, int[] members) {
    int[] needed = new int[members.length];
    double limit = blocks.limit();
    int k = group.vectors().columns();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix all = scope.own(blocks.concatenated(members));
      double[] p = scope.own(blocks.la.transposedProduct(group.vectors(), all)).toDoubles();
      int column = 0;
      double[] captured = new double[k];
      for (int i = 0; i < members.length; i++) {
        Arrays.fill(captured, 0);
        for (int end = column + blocks.factor(members[i]).columns(); column < end; column++) {
          for (int r = 0; r < k; r++) {
            double value = p[r + column * k];
            captured[r] += value * value;
          }
        }
        double energy = blocks.energies[members[i]];
        double tail = energy;
        int rank = 0;
        while (rank < k && tail > limit * limit * energy) {
          tail -= captured[rank++];
        }
        needed[i] = tail > limit * limit * energy ? SharedRank.UNREACHABLE : rank;
      }
    }
    return needed;
  }

  private int mostRank(long columns) {
    return Math.min(
        blocks.settings.rankLimit(), StorageCost.largestPayingRank(blocks.rows, columns));
  }

  private long columns(int[] members) {
    return Arrays.stream(members).mapToLong(j -> blocks.columns[j]).sum();
  }

  /** Settles several sets of blocks. */
  List<Group> settledAll(List<int[]> sets) {
    List<Group> groups = new ArrayList<>();
    for (int[] set : sets) {
      groups.addAll(settled(set));
    }
    return groups;
  }

  @Override
  public void close() {
    known.values().forEach(groups -> groups.forEach(Group::close));
  }
}
