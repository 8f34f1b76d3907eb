package io.github.colonnade.svd.partition;

import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/**
 * Blocks by ascending key, then by position, from a heap: whoever takes only the first few of many
 * pays only for those.
 */
final class SmallestFirst implements PrimitiveIterator.OfInt {

  // Invariant: (keys[i], blocks[i]) ≤ (keys[c], blocks[c]) for c = 2i + 1 and 2i + 2, c < size.
  private final int[] blocks;
  private final double[] keys;
  private int size;

  /**
   * @param blocks different positions; both arrays are owned by this from now on
   * @param keys one for each block
   */
  SmallestFirst(int[] blocks, double[] keys) {
    this.blocks = blocks;
    this.keys = keys;
    this.size = blocks.length;
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i);
    }
  }

  @Override
  public boolean hasNext() {
    return size > 0;
  }

  @Override
  public int nextInt() {
    if (size == 0) {
      throw new NoSuchElementException();
    }
    int first = blocks[0];
    size--;
    blocks[0] = blocks[size];
    keys[0] = keys[size];
    sink(0);
    return first;
  }

  /** The one that {@link #nextInt} gives. */
  int peek() {
    if (size == 0) {
      throw new NoSuchElementException();
    }
    return blocks[0];
  }

  /** Puts another in the place of the first, whose key is at least as large but for rounding. */
  void replaceFirst(int block, double key) {
    blocks[0] = block;
    keys[0] = key;
    sink(0);
  }

  private void sink(int from) {
    int i = from;
    while (2 * i + 1 < size) {
      int child = 2 * i + 1;
      if (child + 1 < size && less(child + 1, child)) {
        child++;
      }
      if (!less(child, i)) {
        return;
      }
      swap(i, child);
      i = child;
    }
  }

  private boolean less(int i, int j) {
    int order = Double.compare(keys[i], keys[j]);
    return order < 0 || (order == 0 && blocks[i] < blocks[j]);
  }

  private void swap(int i, int j) {
    int block = blocks[i];
    double key = keys[i];
    blocks[i] = blocks[j];
    keys[i] = keys[j];
    blocks[j] = block;
    keys[j] = key;
  }
}
