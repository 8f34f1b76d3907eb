package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SharedRank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
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
 * What clusters cost in stored numbers, by dense decompositions of the original numbers in double.
 * Every method is judged by it; it shares no code with any of them.
 *
 * <p>The left singular vectors of M = [A₁ … A_K] come from an SVD of M where M has at most as many
 * columns as rows, and else from the eigenvectors of M·Mᵀ, whose rounding of about 10⁻¹⁵ of the
 * energy is far below the squares of the limits compared here. For scope block every A_j is scaled
 * to unit energy first, and must keep to the limit by itself.
 *
 * <p>Results are remembered by members, since methods often find the same clusters.
 */
public final class ExactCosts {

  /** How often a smaller set of members gets a basis of its own, as in the encoder. */
  private static final int MAX_ROUNDS = 3;

  /** Rounding that a residual in double may add to its limit. */
  private static final double ROUNDING = 1 + 1e-9;

  private final LinearAlgebra la;
  private final DataSet data;
  private final ErrorLimit limit;
  private final double[] energies;
  private final Map<RoaringBitmap, Needs> needs = new HashMap<>();
  private final Map<RoaringBitmap, Long> settled = new HashMap<>();

  ExactCosts(LinearAlgebra la, DataSet data, ErrorLimit limit) {
    this.la = la;
    this.data = data;
    this.limit = limit;
    this.energies = data.blocks().stream().mapToDouble(ExactCosts::energy).toArray();
  }

  /**
   * The ranks at which members meet the limit with the leading singular vectors of all of them.
   *
   * @param each for scope block that of each member, in order
   * @param together the least that serves all
   */
  private record Needs(int[] each, int together) {}

  /** A basis of a cluster. */
  private record Basis(Matrix vectors, Spectrum spectrum) {}

  /** The stored numbers of a block by itself. */
  long lone(int position) {
    return StorageCost.best(loneRank(position), data.rows(), data.columns(position));
  }

  /** The least rank at which a block by itself meets the limit, whether that pays or not. */
  int loneRank(int position) {
    return needs(RoaringBitmap.bitmapOf(position)).together;
  }

  /** The least rank at which a cluster keeps all its members within the limit. */
  int leastRank(RoaringBitmap members) {
    return needs(members).together;
  }

  /** The stored numbers of a cluster whose members all stay, at a rank. */
  long shared(RoaringBitmap members, int rank) {
    return StorageCost.best(rank, data.rows(), columns(members));
  }

  /** The stored numbers of a partition in which clusters settle. */
  long settled(List<RoaringBitmap> partition) {
    return partition.stream().mapToLong(this::settled).sum();
  }

  /**
   * The stored numbers of a cluster at its best rank: for scope block members that are cheaper
   * alone leave, and those that stay get a basis of their own; a cluster that costs more than its
   * members alone is dissolved.
   */
  long settled(RoaringBitmap members) {
    return settled.computeIfAbsent(members, this::settle);
  }

  private long settle(RoaringBitmap members) {
    long alone = Arrays.stream(members.toArray()).mapToLong(this::lone).sum();
    if (members.getCardinality() == 1) {
      return alone;
    }
    if (limit.scope() == Scope.CLUSTER) {
      return Math.min(alone, shared(members, needs(members).together));
    }
    long best = alone;
    long left = 0;
    int[] stay = members.toArray();
    for (int round = 0; round < MAX_ROUNDS && stay.length > 1; round++) {
      int[] ranks = needs(RoaringBitmap.bitmapOf(stay)).each;
      long[] columns = Arrays.stream(stay).mapToLong(data::columns).toArray();
      long[] lone = Arrays.stream(stay).mapToLong(this::lone).toArray();
      SharedRank.Choice choice = SharedRank.cheapest(data.rows(), columns, ranks, lone);
      best = Math.min(best, left + choice.cost());
      int[] next =
          IntStream.range(0, stay.length)
              .filter(i -> choice.shares(ranks[i], columns[i], lone[i]))
              .toArray();
      if (next.length == stay.length) {
        break;
      }
      left += Arrays.stream(lone).sum() - Arrays.stream(next).mapToLong(i -> lone[i]).sum();
      int[] before = stay;
      stay = Arrays.stream(next).map(i -> before[i]).toArray();
    }
    return best;
  }

  /** How many limits break when a cluster is stored at a rank, by the residuals themselves. */
  int broken(RoaringBitmap members, int rank) {
    int broken = 0;
    double outside = 0;
    double energy = 0;
    try (MatrixScope scope = new MatrixScope()) {
      Basis basis = basis(members, scope);
      int kept = Math.min(rank, basis.vectors.columns());
      Matrix u = scope.own(la.columns(basis.vectors, 0, kept));
      for (int j : members) {
        double rest;
        try (Matrix a = matrix(j, 1);
            Matrix c = la.transposedProduct(u, a)) {
          la.subtractProductInPlace(a, u, c);
          rest = la.energy(a);
        }
        outside += rest;
        energy += energies[j];
        if (limit.scope() == Scope.BLOCK && isOver(rest, energies[j])) {
          broken++;
        }
      }
    }
    return limit.scope() == Scope.CLUSTER && isOver(outside, energy) ? 1 : broken;
  }

  /** Whether an error is above the limit, given as energies. */
  boolean isOver(double residual, double energy) {
    return residual > limit.value() * limit.value() * energy * ROUNDING;
  }

  private long columns(RoaringBitmap members) {
    return Arrays.stream(members.toArray()).mapToLong(data::columns).sum();
  }

  private Needs needs(RoaringBitmap members) {
    return needs.computeIfAbsent(members, this::findNeeds);
  }

  private Needs findNeeds(RoaringBitmap members) {
    try (MatrixScope scope = new MatrixScope()) {
      Basis basis = basis(members, scope);
      if (limit.scope() == Scope.CLUSTER || members.getCardinality() == 1) {
        int rank = Rank.smallestFor(basis.spectrum, limit.value()).orElseThrow();
        return new Needs(new int[] {rank}, rank);
      }
      int[] each = new int[members.getCardinality()];
      int i = 0;
      for (int j : members) {
        try (Matrix a = matrix(j, 1 / Math.sqrt(energies[j]));
            Matrix c = la.transposedProduct(basis.vectors, a)) {
          double[] captured = la.rowEnergies(c);
          double tail = Math.max(0, 1 - Arrays.stream(captured).sum());
          int rank = captured.length;
          while (rank > 0 && tail + captured[rank - 1] <= limit.value() * limit.value()) {
            tail += captured[--rank];
          }
          each[i++] = rank;
        }
      }
      return new Needs(each, Arrays.stream(each).max().orElseThrow());
    }
  }

  private Basis basis(RoaringBitmap members, MatrixScope scope) {
    if (columns(members) <= data.rows()) {
      List<Matrix> parts = new ArrayList<>();
      members.forEach((int j) -> parts.add(scope.own(matrix(j, weight(j)))));
      LeftSvd svd = scope.own(la.leftSvd(scope.own(la.concatenate(parts))));
      double[] squares = Arrays.stream(svd.values()).map(x -> x * x).toArray();
      return new Basis(svd.vectors(), Spectrum.ofKept(squares, 0));
    }
    Matrix gram = scope.own(la.zeros(data.rows(), data.rows(), Precision.FLOAT64));
    for (int j : members) {
      double weight = weight(j);
      try (Matrix a = matrix(j, 1)) {
        la.addOuterProductInPlace(gram, a, weight * weight);
      }
    }
    Eigen eigen = scope.own(la.symmetricEigen(gram));
    return new Basis(eigen.vectors(), Spectrum.ofKept(eigen.values(), 0));
  }

  private double weight(int position) {
    return limit.scope() == Scope.CLUSTER ? 1 : 1 / Math.sqrt(energies[position]);
  }

  /** A block times a factor, in double. */
  private Matrix matrix(int position, double factor) {
    float[] values = data.blocks().get(position);
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = factor * values[i];
    }
    return la.fromColumns(doubles, data.rows(), data.columns(position));
  }

  private static double energy(float[] values) {
    double sum = 0;
    for (float x : values) {
      sum += (double) x * x;
    }
    return sum;
  }
}
