package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Rank;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.List;

/** Sketches of clusters, with the directions that a basis for their members may need. */
final class ClusterSketcher {

  /** Factor columns appended at a time. */
  private static final int BATCH_COLUMNS = 1024;

  /** A sketch has no more directions than this, over those that the joint limit takes. */
  private static final int OVER_NEEDED = 2;

  private static final int LEAST_DIRECTIONS = 16;

  /** While members are appended a sketch has so many times the rank of trials. */
  private static final int OVER_TRIAL_RANK = 4;

  private static final int LEAST_RANK = 64;

  /** What a sketch keeps at most beyond the error limit. */
  private static final double DROPPED_SHARE = 0.1;

  private final Family family;
  private final PartitionSettings settings;
  private final Sketcher sketcher;

  ClusterSketcher(Family family, PartitionSettings settings) {
    this.family = family;
    this.settings = settings;
    int rank = Math.max(LEAST_RANK, OVER_TRIAL_RANK * settings.rank());
    this.sketcher =
        new Sketcher(family.algebra(), family.precision(), Math.min(family.rows(), rank));
  }

  /** The sketch of some blocks side by side. */
  Sketch of(int[] members) {
    return appended(sketcher.empty(family.rows()), members);
  }

  /** The sketch of a cluster and more blocks; the argument stays open. */
  Sketch with(Sketch cluster, int[] members) {
    Sketch copy =
        Sketch.of(
            family.algebra().columns(cluster.basis(), 0, cluster.rank()),
            cluster.spectrum(),
            cluster.columns());
    return appended(copy, members);
  }

  /** The sketch of two clusters side by side; the arguments stay open. */
  Sketch merged(Sketch left, Sketch right) {
    try (Sketch all = sketcher.merge(left, right)) {
      return truncated(all);
    }
  }

  private Sketch appended(Sketch start, int[] members) {
    Sketch sketch = start;
    List<BlockSketch> batch = new ArrayList<>();
    int width = 0;
    for (int member : members) {
      batch.add(family.block(member));
      width += family.block(member).factor().columns();
      if (width >= BATCH_COLUMNS) {
        sketch = append(sketch, batch);
        batch.clear();
        width = 0;
      }
    }
    try (Sketch all = batch.isEmpty() ? sketch : append(sketch, batch)) {
      return truncated(all);
    }
  }

  private Sketch append(Sketch sketch, List<BlockSketch> batch) {
    double dropped = 0;
    long columns = 0;
    List<Matrix> factors = new ArrayList<>();
    for (BlockSketch block : batch) {
      dropped += block.spectrum().droppedEnergy();
      columns += block.columns();
      factors.add(block.factor());
    }
    try (MatrixScope scope = new MatrixScope();
        sketch) {
      Matrix all = scope.own(family.algebra().concatenate(factors));
      return sketcher.append(sketch, all, dropped, columns);
    }
  }

  private Sketch truncated(Sketch sketch) {
    double limit = settings.limit().value();
    int needed = Rank.smallestFor(sketch.spectrum(), limit).orElse(sketch.rank());
    int most = Math.max(LEAST_DIRECTIONS, OVER_NEEDED * needed);
    most = Math.min(most, Math.min(settings.rankLimit(), sketch.rank()));
    double negligible = DROPPED_SHARE * limit * DROPPED_SHARE * limit * sketch.spectrum().energy();
    int kept = 0;
    while (kept < most && sketch.spectrum().tailEnergy(kept) > negligible) {
      kept++;
    }
    return sketcher.truncate(sketch, kept);
  }
}
