package io.github.colonnade.tests.benchmark;

import org.roaringbitmap.RoaringBitmap;

/** The partitions that need no thought. */
final class PlainMethods {

  private PlainMethods() {}

  /** Every block by itself at its own least rank, or raw. */
  static final class Alone implements Method {
    @Override
    public String name() {
      return "alone";
    }

    @Override
    public Result run(Case of) {
      ExactCosts costs = of.costs();
      long numbers = 0;
      int broken = 0;
      for (int j = 0; j < of.data().size(); j++) {
        numbers += costs.lone(j);
        broken += costs.broken(RoaringBitmap.bitmapOf(j), costs.loneRank(j));
      }
      return new Result(numbers, 0, 0, broken, "");
    }
  }

  /** All blocks in one cluster at its least rank, or raw. */
  static final class Single implements Method {
    @Override
    public String name() {
      return "single";
    }

    @Override
    public Result run(Case of) {
      RoaringBitmap all = RoaringBitmap.bitmapOfRange(0, of.data().size());
      int rank = of.costs().leastRank(all);
      return new Result(
          of.costs().shared(all, rank), 0, 0, of.costs().broken(all, rank), "rank " + rank);
    }
  }
}
