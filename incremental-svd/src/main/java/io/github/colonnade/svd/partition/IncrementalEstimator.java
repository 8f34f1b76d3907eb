package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.List;

/**
 * The incremental estimate: a sketch S of rank k = r + oversampling that every block is appended
 * to.
 *
 * <p>Blocks wait until the sketch is needed to decide, and are then appended one by one, so that
 * the estimate is the published one. With F the waiting blocks and a further one, E the energy of
 * all, and c_r the energy of the r largest directions,
 *
 * <pre>  E − c_r(S + F·Fᵀ)  ≤  E·estimate²  ≤  E − c_r(S):</pre>
 *
 * appending makes no eigenvalue of S smaller, and what truncation drops in between only makes them
 * smaller. Where the right side meets the limit the block is accepted, where the left side misses
 * it it is not, and as long as nothing is truncated the left side is the estimate.
 */
final class IncrementalEstimator implements ClusterEstimator {

  private final LinearAlgebra la;
  private final Sketcher sketcher;
  private final int rank;

  /** k. */
  private final int kept;

  private List<BlockSketch> seed = List.of();
  private final LazyMatrix seedBasis;

  // Invariants:
  // 1. The cluster is the seed or what is in the sketch, if there is one, and the waiting blocks.
  // 2. captured ≤ c_r of the sketch to which all that waits is appended.
  private Sketch sketch;

  private boolean hasSketch;
  private final List<BlockSketch> waiting = new ArrayList<>();
  private double captured;
  private double energy;

  IncrementalEstimator(
      LinearAlgebra la, Precision precision, int rows, int rank, int oversampling) {
    this.la = la;
    this.kept = Math.min(rows, rank + oversampling);
    this.sketcher = new Sketcher(la, precision, kept);
    this.rank = rank;
    this.sketch = sketcher.empty(rows);
    this.seedBasis = new LazyMatrix(() -> Estimators.basisOf(sketcher, la, seed));
  }

  @Override
  public void start(List<BlockSketch> blocks) {
    seed = blocks;
    energy = Estimators.energy(blocks);
    captured = Estimators.leadingEnergy(blocks, rank);
  }

  @Override
  public void extend(BlockSketch block) {
    waiting.add(block);
    energy += block.energy();
  }

  @Override
  public Decision offer(BlockSketch block, double limit) {
    extend(block);
    if (energy - captured <= limit * limit * energy) {
      return Decision.ACCEPT;
    }
    int columns = columns();
    // One block is appended at least as soon as it is tried otherwise.
    if (columns <= kept || (waiting.size() > 1 && columns <= 2 * kept)) {
      Spectrum all = spectrum();
      ErrorInterval least = ErrorBounds.incremental(all, rank);
      if (least.upper() > limit) {
        return least.decide(limit);
      }
      if (columns <= kept) {
        captured = all.capturedEnergy(rank);
        return Decision.ACCEPT;
      }
    }
    return interval().decide(limit);
  }

  /** Of what the cluster is made of, side by side. */
  private int columns() {
    int columns = hasSketch ? sketch.rank() : 0;
    for (BlockSketch each : hasSketch ? List.<BlockSketch>of() : seed) {
      columns += each.factor().columns();
    }
    for (BlockSketch each : waiting) {
      columns += each.factor().columns();
    }
    return columns;
  }

  /** Of all that, without truncation. */
  private Spectrum spectrum() {
    try (MatrixScope scope = new MatrixScope()) {
      List<BlockSketch> blocks = new ArrayList<>();
      if (hasSketch) {
        BlockSketch soFar = BlockSketch.of(la, sketch);
        scope.own(soFar.factor());
        blocks.add(soFar);
      } else {
        blocks.addAll(seed);
      }
      blocks.addAll(waiting);
      Matrix all = scope.own(la.concatenate(Estimators.factors(blocks)));
      return Estimators.spectrum(la, all, Estimators.droppedEnergy(blocks));
    }
  }

  /** Appends what waits. */
  private Sketch current() {
    if (!hasSketch) {
      sketch.close();
      sketch = Estimators.sketchOf(sketcher, la, seed);
      hasSketch = true;
    }
    for (BlockSketch each : waiting) {
      Sketch longer =
          sketcher.append(sketch, each.factor(), each.spectrum().droppedEnergy(), each.columns());
      sketch.close();
      sketch = longer;
    }
    waiting.clear();
    captured = sketch.spectrum().capturedEnergy(rank);
    return sketch;
  }

  @Override
  public Proof bound() {
    return Proof.INCREMENTAL;
  }

  @Override
  public ErrorInterval interval() {
    return ErrorBounds.incremental(current().spectrum(), rank);
  }

  @Override
  public Matrix seedBasis() {
    return seedBasis.get();
  }

  @Override
  public void close() {
    sketch.close();
    seedBasis.close();
  }
}
