package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The blocks that are encoded together, with their weights.
 *
 * <p>For scope cluster the weights restore the true proportions of the blocks, relative to the
 * largest exponent so that nothing overflows; for scope block every block is scaled to unit energy.
 *
 * <p>Narrow blocks are worked on in batches, because a product of one column costs as much as one
 * of many.
 */
final class Cluster {

  /** The elements of a batch, unless one block has more: 8 MiB of doubles. */
  private static final long BATCH_ELEMENTS = 1L << 20;

  private final LinearAlgebra la;
  private final int rows;
  private final List<Member> members;
  private final BlockLoader loader;
  private final double[] energies;
  private final double[] factors;
  private final double[] proportions;

  Cluster(LinearAlgebra la, int rows, List<Member> members, BlockLoader loader, Scope scope) {
    this.la = la;
    this.rows = rows;
    this.members = members;
    this.loader = loader;
    this.energies = new double[members.size()];
    this.factors = new double[members.size()];
    this.proportions = new double[members.size()];
    for (Batch batch : batches()) {
      try (Matrix a = batch.load()) {
        double[] sums = batch.sumColumns(la.columnEnergies(a));
        for (int i = 0; i < sums.length; i++) {
          energies[batch.index(i)] = sums[i];
        }
      }
    }
    int largest = Integer.MIN_VALUE;
    for (int i = 0; i < energies.length; i++) {
      if (energies[i] > 0) {
        largest = Math.max(largest, members.get(i).exponent());
      }
    }
    for (int i = 0; i < energies.length; i++) {
      proportions[i] = energies[i] == 0 ? 0 : Math.scalb(1.0, members.get(i).exponent() - largest);
      if (scope == Scope.CLUSTER) {
        factors[i] = proportions[i];
      } else {
        factors[i] = energies[i] == 0 ? 0 : 1 / Math.sqrt(energies[i]);
      }
    }
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

  /** ‖A‖² of the block as loaded. */
  double energy(int index) {
    return energies[index];
  }

  /** The square of the factor that restores the block's true size relative to the others. */
  double trueWeight(int index) {
    return proportions[index] * proportions[index];
  }

  /**
   * The error of some members side by side, as they truly are.
   *
   * @param errors of each of them by itself
   */
  double jointError(List<Integer> indices, List<Double> errors) {
    int largest = Integer.MIN_VALUE;
    for (int index : indices) {
      if (energies[index] > 0) {
        largest = Math.max(largest, members.get(index).exponent());
      }
    }
    double lost = 0;
    double energy = 0;
    for (int i = 0; i < errors.size(); i++) {
      int index = indices.get(i);
      double own = Math.scalb(energies[index], 2 * (members.get(index).exponent() - largest));
      energy += own;
      lost += own * errors.get(i) * errors.get(i);
    }
    return energy == 0 ? 0 : Math.sqrt(lost / energy);
  }

  long columns() {
    return members.stream().mapToLong(Member::columns).sum();
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
        elements += rows * members.get(indices[to]).columns();
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
      return Math.toIntExact(members.get(indices[i]).columns());
    }

    /** [A …] of these members, FLOAT64, closed by the caller. */
    Matrix load() {
      return loader.load(
          la, Arrays.stream(indices).map(index -> members.get(index).position()).toArray());
    }

    /** [√w·A …] for M·Mᵀ = Σ w·A·Aᵀ, FLOAT64, closed by the caller. */
    Matrix loadWeighted() {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix a = scope.own(load());
        double[] columnFactors = new double[a.columns()];
        int column = 0;
        for (int i = 0; i < indices.length; i++) {
          Arrays.fill(columnFactors, column, column + columns(i), factors[indices[i]]);
          column += columns(i);
        }
        return la.scaleColumns(a, columnFactors);
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
