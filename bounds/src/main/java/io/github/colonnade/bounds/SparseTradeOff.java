package io.github.colonnade.bounds;

import io.github.colonnade.bounds.SparsePlan.Block;
import java.util.List;

/**
 * What a cluster costs for what it loses when each block uses directions of its choice: the {@link
 * SparsePlan}s of the joint limits that some prices of a unit of energy lead to.
 */
public final class SparseTradeOff {

  private SparseTradeOff() {}

  /**
   * The trade-off among plans without own directions, one for each of some prices between that at
   * which nothing is worth storing and that at which everything is.
   *
   * @param rows m
   * @param blocks at least one, with as many shared directions each; their lone costs are not used
   * @param outside what is lost in any case
   * @param rounding what rounding loses where anything is stored
   * @param bytesPerNumber as in {@link SparsePlan}
   * @param prices how many prices are tried, at least 2
   */
  public static TradeOff of(
      long rows,
      List<Block> blocks,
      double outside,
      double rounding,
      int bytesPerNumber,
      int prices) {
    int directions = blocks.get(0).shared().length;
    double[] sums = new double[directions];
    long columns = 0;
    double largest = 0;
    for (Block block : blocks) {
      columns += block.columns();
      for (int i = 0; i < directions; i++) {
        sums[i] += block.shared()[i];
        largest = Math.max(largest, block.shared()[i]);
      }
    }
    double least = Double.POSITIVE_INFINITY;
    for (double sum : sums) {
      least = sum > 0 ? Math.min(least, sum) : least;
    }
    double[] lost = new double[prices + 1];
    long[] numbers = new long[prices + 1];
    // Nothing is stored.
    for (double sum : sums) {
      lost[prices] += sum;
    }
    lost[prices] += outside;
    double low = 1 / Math.max(largest, Double.MIN_NORMAL);
    double high = Math.max(low, (rows + columns) / Math.max(least, Double.MIN_NORMAL) * 16);
    for (int step = 0; step < prices; step++) {
      double price = low * Math.pow(high / low, (double) step / (prices - 1));
      at(price, step, rows, blocks, bytesPerNumber, lost, numbers);
      lost[step] += outside + (numbers[step] > 0 ? rounding : 0);
    }
    return TradeOff.of(lost, numbers);
  }

  private static void at(
      double price,
      int step,
      long rows,
      List<Block> blocks,
      int bytesPerNumber,
      double[] lost,
      long[] numbers) {
    double[] surplus = new double[blocks.get(0).shared().length];
    for (Block block : blocks) {
      double[] shared = block.shared();
      for (int i = 0; i < surplus.length; i++) {
        surplus[i] += Math.max(0, price * shared[i] - block.columns());
      }
    }
    long directions = 0;
    for (double each : surplus) {
      directions += each >= rows ? 1 : 0;
    }
    long kept = 0;
    for (Block block : blocks) {
      double[] shared = block.shared();
      double worthKeeping = block.columns() / price;
      for (int i = 0; i < surplus.length; i++) {
        if (surplus[i] >= rows && shared[i] >= worthKeeping) {
          kept++;
          numbers[step] += block.columns();
        } else {
          lost[step] += shared[i];
        }
      }
    }
    numbers[step] += directions * rows;
    numbers[step] += SparsePlan.maskNumbers(kept, directions * blocks.size(), bytesPerNumber);
  }
}
