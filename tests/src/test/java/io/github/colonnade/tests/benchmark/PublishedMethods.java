package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.tests.benchmark.PublishedSweep.Pass;
import org.roaringbitmap.RoaringBitmap;

/** The published strategies, the best of all passes of a sweep. */
final class PublishedMethods {

  private PublishedMethods() {}

  /**
   * As published: every cluster is stored at the rank of its pass, and single blocks raw. Only
   * partitions that break no limit count; without any, everything is raw.
   */
  record Valid(PublishedSweep sweep) implements Method {
    @Override
    public String name() {
      return "published";
    }

    @Override
    public Result run(Case of) {
      Result best = new Result(of.data().numbers(), 0, 0, 0, "raw");
      for (Pass pass : sweep.passes(of)) {
        long numbers = 0;
        for (RoaringBitmap cluster : pass.partition()) {
          numbers += numbers(of, cluster, pass.rank());
        }
        if (numbers < best.numbers() && keepsLimits(of, pass)) {
          best = result(of, pass, numbers);
        }
      }
      return best;
    }

    private static long numbers(Case of, RoaringBitmap cluster, int rank) {
      return cluster.getCardinality() == 1
          ? StorageCost.raw(of.data().rows(), of.data().columns(cluster.first()))
          : of.costs().shared(cluster, rank);
    }

    private static boolean keepsLimits(Case of, Pass pass) {
      return pass.partition().stream()
          .allMatch(
              each -> each.getCardinality() == 1 || of.costs().leastRank(each) <= pass.rank());
    }

    private static Result result(Case of, Pass pass, long numbers) {
      int broken =
          pass.partition().stream()
              .filter(each -> each.getCardinality() > 1)
              .mapToInt(each -> of.costs().broken(each, pass.rank()))
              .sum();
      return new Result(numbers, pass.cpuSeconds(), pass.wallSeconds(), broken, pass.label());
    }
  }

  /** The same partitions with the least rank for each cluster and single blocks at their best. */
  record Reranked(PublishedSweep sweep) implements Method {
    @Override
    public String name() {
      return "re-ranked";
    }

    @Override
    public Result run(Case of) {
      Result best = new Result(of.data().numbers(), 0, 0, 0, "raw");
      for (Pass pass : sweep.passes(of)) {
        long numbers = of.costs().settled(pass.partition());
        if (numbers < best.numbers()) {
          best = new Result(numbers, pass.cpuSeconds(), pass.wallSeconds(), 0, pass.label());
        }
      }
      return best;
    }
  }
}
