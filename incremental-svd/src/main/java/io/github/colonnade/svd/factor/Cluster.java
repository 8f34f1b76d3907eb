package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * The blocks that are encoded together, with the factors that their scope gives them.
 *
 * <p>For scope cluster the factors restore the true proportions of the blocks, relative to the
 * largest exponent so that nothing overflows; for scope block every block is scaled to unit energy.
 *
 * <p>A block may have a {@link ColumnWeight}. Basis, rank and limit then are about A·F; only the
 * coefficients are computed from A itself, since UᵀA is best for A and A·F alike.
 *
 * <p>Narrow blocks are worked on in batches, because a product of one column costs as much as one
 * of many.
 */
final class Cluster {

  /**
   * The elements of a batch, unless one block has more: 512 KiB of doubles, so that they stay in a
   * core's cache from one step to the next.
   */
  private static final long BATCH_ELEMENTS = 1L << 16;

  private final LinearAlgebra la;
  private final int rows;
  private final List<Member> members;
  private final BlockLoader loader;
  private final double[] plainEnergies;
  private final double[] energies;
  private final double[] reaches;
  private final double[] excesses;
  private final double[] factors;
  private final double[] proportions;

  /** Of each member, and where it begins if all lie side by side. */
  private final int[] columns;

  private final int[] firstColumns;
  private final boolean hasWeights;

  /** Of the members with weights, once they were asked for. */
  private final Map<Integer, WeightSizes> weightSizes = new HashMap<>();

  /**
   * What is kept of a weight.
   *
   * @param columnFactors √h_jj of each column
   * @param norm λ₁ of GᵀG, so that ‖X·F‖ ≤ √λ₁·‖X·D‖
   */
  private record WeightSizes(double[] columnFactors, double norm) {
    static WeightSizes of(ColumnWeight weight) {
      return new WeightSizes(weight.columnFactors(), weight.norm());
    }
  }

  Cluster(LinearAlgebra la, int rows, List<Member> members, BlockLoader loader, Scope scope) {
    this.la = la;
    this.rows = rows;
    this.members = members;
    this.loader = loader;
    this.plainEnergies = new double[members.size()];
    this.energies = new double[members.size()];
    this.reaches = new double[members.size()];
    this.excesses = new double[members.size()];
    this.factors = new double[members.size()];
    this.proportions = new double[members.size()];
    this.columns = new int[members.size()];
    this.firstColumns = new int[members.size()];
    for (int i = 0, first = 0; i < columns.length; i++) {
      columns[i] = Math.toIntExact(members.get(i).columns());
      // Whoever has more than so many columns never asks.
      firstColumns[i] = first;
      first += columns[i];
    }
    this.hasWeights = members.stream().anyMatch(Cluster::hasWeight);
    for (Batch batch : batches()) {
      try (Matrix a = batch.load()) {
        double[] ofColumns = la.columnEnergies(a);
        batch.sumColumns(ofColumns, plainEnergies);
        double[] doubts = new double[batch.size()];
        if (batch.hasWeights()) {
          Weighed weighed = batch.weigh(a);
          doubts = weighed.doubts();
          try (Matrix weighted = weighed.matrix()) {
            batch.sumColumns(la.columnEnergies(weighted), energies);
          }
        } else {
          batch.sumColumns(ofColumns, energies);
        }
        double[] ofBatch = batch.reaches(ofColumns);
        for (int i = 0; i < doubts.length; i++) {
          int index = batch.index(i);
          reaches[index] = ofBatch[i];
          excesses[index] = excess(energies[index], doubts[i]);
        }
      }
    }
    if (scope == Scope.CLUSTER) {
      Arrays.fill(excesses, Arrays.stream(excesses).max().orElse(1));
    }
    int largest = Integer.MIN_VALUE;
    for (int i = 0; i < energies.length; i++) {
      if (energies[i] > 0) {
        largest = Math.max(largest, exponent(members.get(i)));
      }
    }
    for (int i = 0; i < energies.length; i++) {
      proportions[i] = energies[i] == 0 ? 0 : Math.scalb(1.0, exponent(members.get(i)) - largest);
      if (scope == Scope.CLUSTER) {
        factors[i] = proportions[i];
      } else {
        factors[i] = energies[i] == 0 ? 0 : 1 / Math.sqrt(energies[i]);
      }
    }
  }

  /** How many times the true energy this one may be; infinite if it is all in doubt. */
  private static double excess(double energy, double doubt) {
    double certain = energy - 2 * doubt;
    return doubt == 0 ? 1 : certain > 0 ? energy / certain : Double.POSITIVE_INFINITY;
  }

  /** That of {@link #energy}. */
  private static int exponent(Member member) {
    return member.exponent() + member.weightExponent().orElse(0);
  }

  int rows() {
    return rows;
  }

  List<Member> members() {
    return members;
  }

  int count() {
    return members.size();
  }

  /** ‖A·F‖² of the block as loaded, or ‖A‖² if it has no weight. */
  double energy(int index) {
    return energies[index];
  }

  /** ‖A‖² of the block as loaded. */
  double plainEnergy(int index) {
    return plainEnergies[index];
  }

  /** √λ₁·‖A·D‖ of the block as loaded, the most that ‖A·F‖ may be; ‖A‖ if it has no weight. */
  double reach(int index) {
    return reaches[index];
  }

  /**
   * The error of a block relative to its energy, where rounding may have made that too large; in
   * scope cluster, so large that the joint error of any members is right, too.
   *
   * @param lost √ of the energy that it may have lost at most
   */
  double relativeError(int index, double lost) {
    return energies[index] == 0 ? 0 : lost * Math.sqrt(excesses[index] / energies[index]);
  }

  /** ‖M·F‖² of some members side by side, as they truly are. */
  ScaledEnergy energy(List<Integer> indices) {
    return sum(indices, energies, Cluster::exponent);
  }

  /** ‖M‖² of some members side by side, as they truly are. */
  ScaledEnergy plainEnergy(List<Integer> indices) {
    return sum(indices, plainEnergies, Member::exponent);
  }

  private ScaledEnergy sum(
      List<Integer> indices, double[] ofEnergies, ToIntFunction<Member> exponent) {
    ScaledEnergy sum = ScaledEnergy.ZERO;
    for (int index : indices) {
      Member member = members.get(index);
      sum = sum.plus(new ScaledEnergy(ofEnergies[index], exponent.applyAsInt(member)));
    }
    return sum;
  }

  /** The square of the factor that restores the size of {@link #energy} relative to the others. */
  double share(int index) {
    return proportions[index] * proportions[index];
  }

  /**
   * The error of some members side by side, with their weights, as they truly are.
   *
   * @param errors of each of them by itself
   */
  double jointError(List<Integer> indices, List<Double> errors) {
    return jointError(indices, errors, energies, Cluster::exponent);
  }

  /** As {@link #jointError}, without weights. */
  double plainJointError(List<Integer> indices, List<Double> errors) {
    return jointError(indices, errors, plainEnergies, Member::exponent);
  }

  private double jointError(
      List<Integer> indices,
      List<Double> errors,
      double[] ofEnergies,
      ToIntFunction<Member> exponent) {
    int largest = Integer.MIN_VALUE;
    for (int index : indices) {
      if (ofEnergies[index] > 0) {
        largest = Math.max(largest, exponent.applyAsInt(members.get(index)));
      }
    }
    double lost = 0;
    double energy = 0;
    for (int i = 0; i < errors.size(); i++) {
      int index = indices.get(i);
      int below = exponent.applyAsInt(members.get(index)) - largest;
      double own = Math.scalb(ofEnergies[index], 2 * below);
      energy += own;
      lost += own * errors.get(i) * errors.get(i);
    }
    return energy == 0 ? 0 : Math.sqrt(lost / energy);
  }

  private WeightSizes weightSizes(int index) {
    return weightSizes.computeIfAbsent(
        index,
        i -> {
          try (ColumnWeight weight = loader.weight(members.get(i).position())) {
            return WeightSizes.of(weight);
          }
        });
  }

  long columns() {
    return Arrays.stream(columns).asLongStream().sum();
  }

  /** The largest rank at which these members together cost less than their own numbers. */
  int largestUsefulRank(int rankLimit) {
    return Math.min(rankLimit, StorageCost.largestPayingRank(rows, columns()));
  }

  /** All members, in order. */
  List<Batch> batches() {
    return batches(IntStream.range(0, members.size()).toArray());
  }

  /** Those of the members that are in a set, in order. */
  List<Batch> batches(Set<Member> included) {
    return batches(
        IntStream.range(0, members.size())
            .filter(i -> included.contains(members.get(i)))
            .toArray());
  }

  /** One member. */
  Batch single(int index) {
    return new Batch(new int[] {index});
  }

  /** The members with these indices, in their order. */
  List<Batch> batches(int[] indices) {
    List<Batch> batches = new ArrayList<>();
    int from = 0;
    while (from < indices.length) {
      long elements = 0;
      int to = from;
      while (to < indices.length) {
        elements += (long) rows * columns[indices[to]];
        if (to > from && elements > BATCH_ELEMENTS) {
          break;
        }
        to++;
      }
      batches.add(new Batch(Arrays.copyOfRange(indices, from, to)));
      from = to;
    }
    return batches;
  }

  /** Whether a member has a weight. */
  boolean hasWeights() {
    return hasWeights;
  }

  private static boolean hasWeight(Member member) {
    return member.weightExponent().isPresent();
  }

  /**
   * Blocks multiplied by their weights.
   *
   * @param matrix side by side, closed by the caller
   * @param doubts for each of them how much of its energy is in doubt, see {@link
   *     ColumnWeight.Product}
   */
  record Weighed(Matrix matrix, double[] doubts) {}

  /** Some members side by side; numbers of members count within the batch. */
  final class Batch {
    private final int[] indices;

    private Batch(int[] indices) {
      this.indices = indices;
    }

    /** The number of members. */
    int size() {
      return indices.length;
    }

    /** The index of a member in the cluster. */
    int index(int i) {
      return indices[i];
    }

    int columns(int i) {
      return columns[indices[i]];
    }

    /** Where a member begins if all of the cluster lie side by side. */
    int firstColumn(int i) {
      return firstColumns[indices[i]];
    }

    /** [A …] of these members, FLOAT64, closed by the caller. */
    Matrix load() {
      return loader.load(
          la, Arrays.stream(indices).map(index -> members.get(index).position()).toArray());
    }

    boolean hasWeights() {
      return hasWeights && Arrays.stream(indices).anyMatch(each -> hasWeight(members.get(each)));
    }

    /** λ₁ of a member's weight, 1 where there is none. */
    double norm(int i) {
      return hasWeight(members.get(indices[i])) ? weightSizes(indices[i]).norm : 1;
    }

    /**
     * √λ₁·‖X·D‖ of each member.
     *
     * @param ofColumns the energies of the columns of X, for all of them
     */
    private double[] reaches(double[] ofColumns) {
      double[] columnFactors = columnFactors();
      double[] weighted = new double[ofColumns.length];
      for (int j = 0; j < weighted.length; j++) {
        double norm = Math.sqrt(ofColumns[j]) * columnFactors[j];
        weighted[j] = norm * norm;
      }
      double[] reaches = sumColumns(weighted);
      for (int i = 0; i < reaches.length; i++) {
        reaches[i] = Math.sqrt(norm(i) * reaches[i]);
      }
      return reaches;
    }

    /** √h_jj of each column's weight, 1 where there is none. */
    double[] columnFactors() {
      double[] all = new double[IntStream.range(0, size()).map(this::columns).sum()];
      Arrays.fill(all, 1);
      int at = 0;
      for (int i = 0; i < indices.length; i++) {
        if (hasWeight(members.get(indices[i]))) {
          double[] own = weightSizes(indices[i]).columnFactors;
          System.arraycopy(own, 0, all, at, own.length);
        }
        at += columns(i);
      }
      return all;
    }

    /** [A·F …], and A where there is no weight, FLOAT64, closed by the caller. */
    Matrix loadWithWeights() {
      Matrix a = load();
      if (!hasWeights()) {
        return a;
      }
      try (a) {
        return weigh(a).matrix();
      }
    }

    /**
     * @param a one matrix for each member side by side, each of the member's columns; not modified
     */
    Weighed weigh(Matrix a) {
      double[] doubts = new double[indices.length];
      double[] columnFactors = new double[a.columns()];
      Arrays.fill(columnFactors, 1);
      Map<Integer, ColumnWeight> mixing = new HashMap<>();
      try (MatrixScope scope = new MatrixScope()) {
        int at = 0;
        for (int i = 0; i < indices.length; i++) {
          Member member = members.get(indices[i]);
          if (hasWeight(member)) {
            ColumnWeight weight = loader.weight(member.position());
            WeightSizes sizes = WeightSizes.of(weight);
            weightSizes.putIfAbsent(indices[i], sizes);
            System.arraycopy(sizes.columnFactors, 0, columnFactors, at, columns(i));
            if (weight.mixes()) {
              mixing.put(i, weight);
            }
          }
          at += columns(i);
        }
        Matrix scaled = scope.own(la.scaleColumns(a, columnFactors));
        if (mixing.isEmpty()) {
          return new Weighed(scope.release(scaled), doubts);
        }
        List<Matrix> parts = new ArrayList<>();
        at = 0;
        for (int i = 0; i < indices.length; i++) {
          // A large block is a batch of its own and not copied.
          Matrix part =
              indices.length == 1 ? scaled : scope.own(la.columns(scaled, at, at + columns(i)));
          ColumnWeight weight = mixing.get(i);
          if (weight != null) {
            ColumnWeight.Product product = weight.mix(la, part);
            part = scope.own(product.matrix());
            doubts[i] = product.doubt();
          }
          parts.add(part);
          at += columns(i);
        }
        return new Weighed(
            parts.size() == 1 ? scope.release(parts.get(0)) : la.concatenate(parts), doubts);
      } finally {
        mixing.values().forEach(ColumnWeight::close);
      }
    }

    /** [f·A·F …] for M·Mᵀ = Σ f²·A·F·(A·F)ᵀ, FLOAT64, closed by the caller. */
    Matrix loadForBasis() {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix a = scope.own(loadWithWeights());
        double[] columnFactors = new double[a.columns()];
        int column = 0;
        for (int i = 0; i < indices.length; i++) {
          Arrays.fill(columnFactors, column, column + columns(i), factors[indices[i]]);
          column += columns(i);
        }
        return la.scaleColumns(a, columnFactors);
      }
    }

    /** As {@link #sumColumns(double[])}, each sum put at the index of its member. */
    void sumColumns(double[] ofColumns, double[] byIndex) {
      double[] sums = sumColumns(ofColumns);
      for (int i = 0; i < sums.length; i++) {
        byIndex[indices[i]] = sums[i];
      }
    }

    /**
     * Adds up what belongs to the columns of each member.
     *
     * @param ofColumns one value for each column of the batch
     * @return one sum for each member of this batch
     */
    double[] sumColumns(double[] ofColumns) {
      double[] sums = new double[indices.length];
      int column = 0;
      for (int i = 0; i < indices.length; i++) {
        for (int end = column + columns(i); column < end; column++) {
          sums[i] += ofColumns[column];
        }
      }
      return sums;
    }
  }
}
