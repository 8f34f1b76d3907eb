package io.github.colonnade.tests.benchmark;

import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.Strategies;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/**
 * The published strategies at every rank of a sweep, on sketches that drop nothing.
 *
 * <p>The ranks are the powers of two and one and a half times these, below the largest rank at
 * which one cluster of all blocks would cost less than the blocks.
 */
final class PublishedSweep {

  /** One pass: its time and what it found. */
  record Pass(
      String strategy,
      int rank,
      List<RoaringBitmap> partition,
      double cpuSeconds,
      double wallSeconds) {

    String label() {
      return strategy + " at rank " + rank;
    }
  }

  private Optional<Case> last = Optional.empty();
  private List<Pass> passes = List.of();

  /** All passes over a case; those of the last one are remembered. */
  List<Pass> passes(Case of) {
    if (!last.equals(Optional.of(of))) {
      passes = run(of);
      last = Optional.of(of);
    }
    return passes;
  }

  private static List<Pass> run(Case of) {
    List<Pass> passes = new ArrayList<>();
    try (Family family = Families.whole(of)) {
      for (int rank : ranks(of.data())) {
        PartitionSettings settings = PartitionSettings.of(of.limit(), rank, of.data().rows());
        for (String name : Strategies.published()) {
          Stopwatch watch = new Stopwatch();
          List<RoaringBitmap> partition =
              Strategies.byName(name).orElseThrow().partition(family, settings);
          passes.add(new Pass(name, rank, partition, watch.cpuSeconds(), watch.wallSeconds()));
        }
      }
    }
    return passes;
  }

  static List<Integer> ranks(DataSet data) {
    long n = data.numbers() / data.rows();
    long paying = (data.numbers() - 1) / (data.rows() + n);
    List<Integer> ranks = new ArrayList<>();
    for (int power = 1; power <= paying; power *= 2) {
      ranks.add(power);
      if (power > 1 && power + power / 2 <= paying) {
        ranks.add(power + power / 2);
      }
    }
    return ranks;
  }
}
