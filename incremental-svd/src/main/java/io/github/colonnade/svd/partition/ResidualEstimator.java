package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.Arrays;
import java.util.List;

/**
 * The residual estimate: the singular values of what each block adds outside the span of all
 * earlier ones, pooled; the largest r of the pool are captured, because the left vectors of all
 * steps are orthonormal together.
 */
final class ResidualEstimator implements ClusterEstimator {

  private final LinearAlgebra la;
  private final Sketcher lossless;
  private final int rank;
  private final double tolerance;
  private Matrix seedBasis;
  private Matrix span;

  /** The largest r squared singular values of the pool so far, largest first. */
  private double[] pool = new double[0];

  private double energy;

  ResidualEstimator(LinearAlgebra la, Precision precision, int rows, int rank) {
    this.la = la;
    this.lossless = new Sketcher(la, precision, rows);
    this.rank = rank;
    this.tolerance = 64 * precision.unitRoundoff() * Math.sqrt(rows);
    this.seedBasis = la.zeros(rows, 0, precision);
    this.span = la.zeros(rows, 0, precision);
  }

  @Override
  public void start(List<BlockSketch> blocks) {
    try (Sketch seed = Estimators.sketchOf(lossless, la, blocks)) {
      energy = seed.spectrum().energy();
      pool = new double[Math.min(rank, seed.rank())];
      for (int i = 0; i < pool.length; i++) {
        pool[i] = seed.spectrum().squaredSingularValue(i);
      }
      close();
      seedBasis = la.cast(seed.basis(), seed.basis().precision());
      span = la.cast(seed.basis(), seed.basis().precision());
    }
  }

  @Override
  public ErrorInterval extend(BlockSketch block) {
    energy += block.energy();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix r = scope.own(Estimators.residual(la, span, block.factor()));
      double floor = tolerance * tolerance * block.energy();
      if (la.energy(r) > floor) {
        LeftSvd svd = scope.own(la.leftSvd(r));
        // There are no more than m directions; another would be rounding inside the span.
        int most = Math.min(svd.values().length, span.rows() - span.columns());
        int significant = 0;
        while (significant < most
            && svd.values()[significant] * svd.values()[significant] > floor) {
          significant++;
        }
        pool = pooled(svd.values(), significant);
        Matrix directions = scope.own(la.columns(svd.vectors(), 0, significant));
        Matrix clean = scope.own(Estimators.residual(la, span, directions));
        Matrix orthonormal = scope.own(la.qr(clean)).q();
        Matrix longer = la.concatenate(List.of(span, orthonormal));
        span.close();
        span = longer;
      }
    }
    return interval();
  }

  private double[] pooled(double[] values, int count) {
    double[] all = Arrays.copyOf(pool, pool.length + count);
    for (int i = 0; i < count; i++) {
      all[pool.length + i] = values[i] * values[i];
    }
    Arrays.sort(all);
    double[] top = new double[Math.min(rank, all.length)];
    for (int i = 0; i < top.length; i++) {
      top[i] = all[all.length - 1 - i];
    }
    return top;
  }

  @Override
  public Proof bound() {
    return Proof.RESIDUAL;
  }

  @Override
  public ErrorInterval interval() {
    return ErrorBounds.residual(energy, pool, rank);
  }

  @Override
  public Matrix seedBasis() {
    return seedBasis;
  }

  @Override
  public void close() {
    seedBasis.close();
    span.close();
  }
}
