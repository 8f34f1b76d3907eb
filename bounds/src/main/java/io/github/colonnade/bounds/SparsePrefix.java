package io.github.colonnade.bounds;

import io.github.colonnade.bounds.SparsePlan.Block;
import java.util.List;

/**
 * How many leading directions of a basis make the cheapest {@link SparsePlan}, when each block
 * meets the limit by itself and has no own directions.
 *
 * <p>A direction that few blocks need costs more than it saves; without it they use some more of
 * the others. Which ones these are is tried from the end of the basis only, where the joint
 * energies are least. The rows of a block are put in order once for all numbers of directions.
 */
public final class SparsePrefix {

  private SparsePrefix() {}

  /**
   * The number s of directions with the least Σ_j min(k_j(s)·n_j, l_j) + s·m + the mask, where
   * k_j(s) is the least number of the first s rows that meets the limit of block j; of equal ones
   * the largest.
   *
   * @param rows m
   * @param limit ε
   * @param blocks at least one
   * @param steps about how many numbers are tried, spread evenly
   */
  public static int cheapest(
      long rows, double limit, List<Block> blocks, int bytesPerNumber, int steps) {
    int all = blocks.get(0).shared().length;
    int step = Math.max(1, (all + steps - 1) / steps);
    int[] prefixes = new int[(all + step - 1) / step];
    for (int p = 0; p < prefixes.length; p++) {
      prefixes[p] = all - p * step;
    }
    long[] costs = new long[prefixes.length];
    long[] kept = new long[prefixes.length];
    long[] sharing = new long[prefixes.length];
    for (Block block : blocks) {
      double needed = (1 - limit * limit) * block.energy();
      int[] order = SparsePlan.descending(block.shared(), block.energy());
      for (int p = 0; p < prefixes.length; p++) {
        int count = count(block.shared(), order, prefixes[p], needed);
        if (count < 0 || count * block.columns() > block.loneCost()) {
          costs[p] += block.loneCost();
        } else {
          costs[p] += count * block.columns();
          kept[p] += count;
          sharing[p]++;
        }
      }
    }
    int best = 0;
    for (int p = 0; p < prefixes.length; p++) {
      long possible = sharing[p] * prefixes[p];
      costs[p] += prefixes[p] * rows;
      costs[p] += SparsePlan.maskNumbers(kept[p], possible, bytesPerNumber);
      best = costs[p] < costs[best] ? p : best;
    }
    return prefixes.length == 0 ? 0 : prefixes[best];
  }

  /** The least number of rows below the prefix that hold the energy; −1 if all do not. */
  private static int count(double[] shared, int[] order, int prefix, double needed) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < order.length && sum < needed; i++) {
      if (order[i] < prefix) {
        sum += shared[order[i]];
        count++;
      }
    }
    return sum >= needed ? count : -1;
  }
}
