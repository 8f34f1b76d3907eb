package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Settings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The errors of the blocks that are in clusters, of those on which the limit is where there are
 * weights.
 *
 * @param limit of each block, if it is one
 * @param compressed how many blocks
 * @param largest of their errors
 * @param histogram of their errors
 * @param grid how many blocks of which place have which error, where they are too many to be shown
 *     one by one
 * @param listed the places of the blocks to list: all in order, or those with the largest errors
 * @param complete whether all are listed
 */
record BlockErrors(
    OptionalDouble limit,
    long compressed,
    double largest,
    Histogram histogram,
    Optional<Grid> grid,
    List<Integer> listed,
    boolean complete) {
  /** The most points of a plot. */
  static final int MOST_POINTS = 2_000;

  /** The most blocks that are all listed. */
  static final int MOST_LISTED = 5_000;

  /** How many of more blocks are listed. */
  static final int WORST_LISTED = 1_000;

  private static final int BINS = 40;
  private static final int GRID_COLUMNS = 100;

  /**
   * Counts by place and error.
   *
   * @param blocksPerColumn blocks of the collection beside each other that are in one column
   * @param counts by column, and in it by interval of the histogram
   */
  record Grid(int blocksPerColumn, long[][] counts) {}

  static BlockErrors of(Manifest manifest) {
    Settings settings = manifest.settings();
    List<BlockEntry> blocks = manifest.blocks();
    boolean perBlock = settings.scope() == Scope.BLOCK && settings.isApproximation();
    OptionalDouble limit = perBlock ? settings.maxError() : OptionalDouble.empty();
    int[] places =
        IntStream.range(0, blocks.size())
            .filter(i -> blocks.get(i).cluster().isPresent())
            .toArray();
    double[] errors = IntStream.of(places).mapToDouble(i -> limited(blocks.get(i))).toArray();
    double largest = DoubleStream.of(errors).max().orElse(0);
    Histogram histogram = Histogram.of(errors, limit.orElse(0), BINS);
    boolean complete = blocks.size() <= MOST_LISTED;
    Optional<Grid> grid =
        complete && places.length <= MOST_POINTS
            ? Optional.empty()
            : Optional.of(grid(places, errors, blocks.size(), histogram));
    return new BlockErrors(
        limit, places.length, largest, histogram, grid, listed(blocks, complete), complete);
  }

  /** The error of a block on which its limit is. */
  static double limited(BlockEntry block) {
    return block.weightedError().orElse(block.error());
  }

  private static Grid grid(int[] places, double[] errors, int blocks, Histogram histogram) {
    int perColumn = (blocks + GRID_COLUMNS - 1) / GRID_COLUMNS;
    long[][] counts = new long[(blocks + perColumn - 1) / perColumn][histogram.counts().length];
    for (int i = 0; i < places.length; i++) {
      counts[places[i] / perColumn][histogram.bin(errors[i])]++;
    }
    return new Grid(perColumn, counts);
  }

  private static List<Integer> listed(List<BlockEntry> blocks, boolean complete) {
    List<Integer> all = new ArrayList<>(IntStream.range(0, blocks.size()).boxed().toList());
    if (complete) {
      return all;
    }
    all.sort(Comparator.comparingDouble((Integer i) -> limited(blocks.get(i))).reversed());
    return all.subList(0, WORST_LISTED);
  }
}
