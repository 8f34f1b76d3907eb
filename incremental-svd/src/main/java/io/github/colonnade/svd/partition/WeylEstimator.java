package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.List;

/**
 * The max-norm estimate: M·Mᵀ ⪰ A_S·A_Sᵀ for the seed S, so the first r squared singular values of
 * the seed are captured whatever is added. A seed of at most r columns has no others, so these are
 * its energy; a single block has told its own.
 */
final class WeylEstimator implements ClusterEstimator {

  private final LinearAlgebra la;
  private final Sketcher lossless;
  private final int rank;
  private List<BlockSketch> seed = List.of();
  private Matrix seedBasis;
  private double captured;
  private double energy;

  WeylEstimator(LinearAlgebra la, Precision precision, int rows, int rank) {
    this.la = la;
    this.lossless = new Sketcher(la, precision, rows);
    this.rank = rank;
    this.seedBasis = la.zeros(rows, 0, precision);
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
    if (seedBasis.columns() == 0) {
      try (Sketch sketch = Estimators.sketchOf(lossless, la, seed)) {
        seedBasis.close();
        seedBasis = la.cast(sketch.basis(), sketch.basis().precision());
      }
    }
    return seedBasis;
  }

  @Override
  public void close() {
    seedBasis.close();
  }
}
