package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The residual estimate: the singular values of what each block adds outside the span of all
 * earlier ones, pooled; the largest r of the pool are captured, because the left vectors of all
 * steps are orthonormal together.
 *
 * <p>A projection makes no singular value larger. So a block whose largest one is below the r-th of
 * a full pool captures nothing, whatever the span is, and has to join the span only when a larger
 * block comes. Of a seed of r single columns only a bound on the r-th is found as long as it tells.
 */
final class ResidualEstimator implements ClusterEstimator {

  private final LinearAlgebra la;
  private final Sketcher lossless;
  private final int rank;
  private final double tolerance;
  private final Span span;
  private List<BlockSketch> seed = List.of();
  private final LazyMatrix seedBasis;

  // Invariants:
  // 1. What waits is not in the span, and is in the order in which it came.
  // 2. tallest is the largest squared singular value of what waits.
  // 3. The pool has the largest r squared singular values of all that does not wait, largest first,
  //    if it is known; captured is their sum.
  private final List<BlockSketch> waiting = new ArrayList<>();
  private double tallest;
  private double[] pool = new double[0];
  private boolean isPoolKnown;
  private double captured;
  private double energy;

  ResidualEstimator(LinearAlgebra la, Precision precision, int rows, int rank) {
    this.la = la;
    this.lossless = new Sketcher(la, precision, rows);
    this.rank = rank;
    this.tolerance = 64 * precision.unitRoundoff() * Math.sqrt(rows);
    this.seedBasis = new LazyMatrix(this::basisOfSeed);
    this.span = new Span(la);
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
    if (block.spectrum().size() > 0) {
      waiting.add(block);
      tallest = Math.max(tallest, block.spectrum().squaredSingularValue(0));
    }
  }

  @Override
  public Decision offer(BlockSketch block, double limit) {
    extend(block);
    return energy - captured <= limit * limit * energy ? Decision.ACCEPT : interval().decide(limit);
  }

  /** Lets blocks join that may capture more than is captured. */
  private void settle() {
    if (waiting.isEmpty() || (!isPoolKnown && SeedFloor.isAbove(la, seed, rank, tallest))) {
      return;
    }
    if (!isPoolKnown) {
      Spectrum spectrum = Estimators.spectrumOf(la, seed);
      pool = new double[Math.min(rank, spectrum.size())];
      for (int i = 0; i < pool.length; i++) {
        pool[i] = spectrum.squaredSingularValue(i);
      }
      isPoolKnown = true;
    }
    if (pool.length < rank || tallest > pool[rank - 1]) {
      if (span.columns() == 0) {
        Matrix basis = seedBasis();
        span.append(la.cast(basis, basis.precision()));
      }
      waiting.forEach(this::join);
      waiting.clear();
      tallest = 0;
      captured = 0;
      for (int i = pool.length - 1; i >= 0; i--) {
        captured += pool[i];
      }
    }
  }

  /** Puts what a block adds into the pool and the span. */
  private void join(BlockSketch block) {
    // There are no more than m directions; another would be rounding inside the span.
    int most = block.factor().rows() - span.columns();
    if (most == 0) {
      return;
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix r = scope.own(span.residual(block.factor()));
      double floor = tolerance * tolerance * block.energy();
      double outside = la.energy(r);
      if (outside <= floor) {
        return;
      }
      if (r.columns() == 1) {
        pool = pooled(new double[] {outside}, 1);
        span.append(la.scaleColumns(r, new double[] {1 / Math.sqrt(outside)}));
        return;
      }
      LeftSvd svd = scope.own(la.leftSvd(r));
      double[] squares = new double[Math.min(svd.values().length, most)];
      int significant = 0;
      for (int i = 0; i < squares.length; i++) {
        squares[i] = svd.values()[i] * svd.values()[i];
        significant += squares[i] > floor ? 1 : 0;
      }
      pool = pooled(squares, significant);
      Matrix directions = scope.own(la.columns(svd.vectors(), 0, significant));
      Qr qr = la.qr(scope.own(span.residual(directions)));
      scope.own(qr.r());
      span.append(qr.q());
    }
  }

  private double[] pooled(double[] squares, int count) {
    double[] all = Arrays.copyOf(pool, pool.length + count);
    System.arraycopy(squares, 0, all, pool.length, count);
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
    settle();
    return ErrorBounds.residual(energy, new double[] {captured}, rank);
  }

  @Override
  public Matrix seedBasis() {
    return seedBasis.get();
  }

  private Matrix basisOfSeed() {
    Spectrum spectrum = seed.get(0).spectrum();
    Matrix factor = seed.get(0).factor();
    int last = factor.columns() - 1;
    if (seed.size() == 1
        && last < factor.rows()
        && spectrum.size() > last
        && spectrum.squaredSingularValue(last) > tolerance * tolerance * spectrum.energy()) {
      // No column depends on others, so no direction is rounding.
      Qr qr = la.qr(factor);
      qr.r().close();
      return qr.q();
    }
    return Estimators.basisOf(lossless, la, seed);
  }

  @Override
  public void close() {
    seedBasis.close();
    span.close();
  }
}
