package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.List;

/**
 * The max-norm estimate: M·Mᵀ ⪰ A_S·A_Sᵀ for the seed S, so the first r squared singular values of
 * the seed are captured whatever is added.
 */
final class WeylEstimator implements ClusterEstimator {

  private final LinearAlgebra la;
  private final Sketcher lossless;
  private final int rank;
  private Sketch seed;
  private double captured;
  private double energy;

  WeylEstimator(LinearAlgebra la, Precision precision, int rows, int rank) {
    this.la = la;
    this.lossless = new Sketcher(la, precision, rows);
    this.rank = rank;
    this.seed = lossless.empty(rows);
  }

  @Override
  public void start(List<BlockSketch> blocks) {
    seed.close();
    seed = Estimators.sketchOf(lossless, la, blocks);
    Spectrum spectrum = seed.spectrum();
    captured = spectrum.capturedEnergy(rank);
    energy = spectrum.energy();
  }

  @Override
  public ErrorInterval extend(BlockSketch block) {
    energy += block.energy();
    return interval();
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
    return seed.basis();
  }

  @Override
  public void close() {
    seed.close();
  }
}
