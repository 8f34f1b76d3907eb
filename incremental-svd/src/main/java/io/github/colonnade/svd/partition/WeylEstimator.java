package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.List;

/**
 * The max-norm estimate: M·Mᵀ ⪰ A_S·A_Sᵀ for the seed S, so the first r squared singular values of
 * the seed are captured whatever is added. A seed of at most r columns has no others, so these are
 * its energy; a single block has told its own.
 */
final class WeylEstimator implements ClusterEstimator {

  private final Sketcher lossless;
  private final int rank;
  private List<BlockSketch> seed = List.of();
  private final LazyMatrix seedBasis;
  private double captured;
  private double energy;

  WeylEstimator(LinearAlgebra la, Precision precision, int rows, int rank) {
    this.lossless = new Sketcher(la, precision, rows);
    this.rank = rank;
    this.seedBasis = new LazyMatrix(() -> Estimators.basisOf(lossless, la, seed));
  }

  @Override
  public void start(List<BlockSketch> blocks) {
    seed = blocks;
    energy = Estimators.energy(blocks);
    captured = Estimators.leadingEnergy(blocks, rank);
  }

  @Override
  public void extend(BlockSketch block) {
    energy += block.energy();
  }

  @Override
  public Proof bound() {
    return Proof.WEYL;
  }

  @Override
  public ErrorInterval interval() {
    return ErrorBounds.weyl(energy, captured);
  }

  @Override
  public Matrix seedBasis() {
    return seedBasis.get();
  }

  @Override
  public void close() {
    seedBasis.close();
  }
}
