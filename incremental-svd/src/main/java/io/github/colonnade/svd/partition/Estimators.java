package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.List;

/** Steps that the estimators share. */
final class Estimators {

  private Estimators() {}

  /** The sketch of all given blocks side by side, made in one step. */
  static Sketch sketchOf(Sketcher sketcher, LinearAlgebra la, List<BlockSketch> blocks) {
    double dropped = 0;
    long columns = 0;
    for (BlockSketch each : blocks) {
      dropped += each.spectrum().droppedEnergy();
      columns += each.columns();
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix all = scope.own(la.concatenate(blocks.stream().map(BlockSketch::factor).toList()));
      Sketch none = sketcher.empty(all.rows());
      scope.own(none.basis());
      return sketcher.append(none, all, dropped, columns);
    }
  }

  /** (I − QQᵀ)A, orthogonalised twice. */
  static Matrix residual(LinearAlgebra la, Matrix q, Matrix a) {
    Matrix r = la.cast(a, a.precision());
    for (int pass = 0; pass < 2; pass++) {
      try (Matrix y = la.transposedProduct(q, r)) {
        la.subtractProductInPlace(r, q, y);
      }
    }
    return r;
  }
}
