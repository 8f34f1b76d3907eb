package io.github.colonnade.tests.benchmark;

import java.util.List;

/**
 * Blocks with the same number of rows, and none of them zero.
 *
 * @param rows m
 * @param blocks the numbers of each block, column after column; not copied
 */
public record DataSet(int rows, List<float[]> blocks) {

  public int size() {
    return blocks.size();
  }

  /** n of one block. */
  public int columns(int position) {
    return blocks.get(position).length / rows;
  }

  /** The numbers of all blocks together. */
  long numbers() {
    return blocks.stream().mapToLong(each -> each.length).sum();
  }

  /** The first blocks only. */
  DataSet first(int count) {
    return new DataSet(rows, blocks.subList(0, Math.min(count, blocks.size())));
  }
}
