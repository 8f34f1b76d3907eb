package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.List;

/**
 * The blocks that are encoded together, with their weights.
 *
 * <p>For scope cluster the weights restore the true proportions of the blocks, relative to the
 * largest exponent so that nothing overflows; for scope block every block is scaled to unit energy.
 */
final class Cluster implements BasisFinder.WeightedBlocks {

  private final int rows;
  private final List<Member> members;
  private final BlockLoader loader;
  private final double[] energies;
  private final double[] factors;
  private final double[] proportions;

  Cluster(LinearAlgebra la, int rows, List<Member> members, BlockLoader loader, Scope scope) {
    this.rows = rows;
    this.members = members;
    this.loader = loader;
    this.energies = new double[members.size()];
    this.factors = new double[members.size()];
    this.proportions = new double[members.size()];
    int largest = members.stream().mapToInt(Member::exponent).max().orElse(0);
    for (int i = 0; i < members.size(); i++) {
      try (Matrix a = loader.load(members.get(i).position())) {
        energies[i] = la.energy(a);
      }
      proportions[i] = Math.scalb(1.0, members.get(i).exponent() - largest);
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

  @Override
  public int count() {
    return members.size();
  }

  @Override
  public long columns(int index) {
    return members.get(index).columns();
  }

  @Override
  public double factor(int index) {
    return factors[index];
  }

  @Override
  public Matrix load(int index) {
    return loader.load(members.get(index).position());
  }

  /** ‖A‖² of the block as loaded. */
  double energy(int index) {
    return energies[index];
  }

  /** The square of the factor that restores the block's true size relative to the others. */
  double trueWeight(int index) {
    return proportions[index] * proportions[index];
  }

  long columns() {
    return members.stream().mapToLong(Member::columns).sum();
  }

  /** The largest rank at which these members together cost less than their own numbers. */
  int largestUsefulRank(int rankLimit) {
    return Math.min(rankLimit, StorageCost.largestPayingRank(rows, columns()));
  }
}
