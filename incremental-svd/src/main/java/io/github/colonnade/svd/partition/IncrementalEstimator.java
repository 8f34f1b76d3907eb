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

/** The incremental estimate: a sketch of rank r + oversampling that every block is appended to. */
final class IncrementalEstimator implements ClusterEstimator {

  private final LinearAlgebra la;
  private final Sketcher sketcher;
  private final int rank;
  private Matrix seedBasis;
  private Sketch sketch;

  IncrementalEstimator(
      LinearAlgebra la, Precision precision, int rows, int rank, int oversampling) {
    this.la = la;
    this.sketcher = new Sketcher(la, precision, Math.min(rows, rank + oversampling));
    this.rank = rank;
    this.sketch = sketcher.empty(rows);
    this.seedBasis = la.zeros(rows, 0, precision);
  }

  @Override
  public void start(List<BlockSketch> seed) {
    close();
    sketch = Estimators.sketchOf(sketcher, la, seed);
    seedBasis = la.cast(sketch.basis(), sketch.basis().precision());
  }

  @Override
  public ErrorInterval extend(BlockSketch block) {
    Sketch longer =
        sketcher.append(sketch, block.factor(), block.spectrum().droppedEnergy(), block.columns());
    sketch.close();
    sketch = longer;
    return interval();
  }

  @Override
  public Proof bound() {
    return Proof.INCREMENTAL;
  }

  @Override
  public ErrorInterval interval() {
    return ErrorBounds.incremental(sketch.spectrum(), rank);
  }

  @Override
  public Matrix seedBasis() {
    return seedBasis;
  }

  @Override
  public void close() {
    sketch.close();
    seedBasis.close();
  }
}
