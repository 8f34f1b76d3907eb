package io.github.colonnade.svd.partition;

import java.util.Arrays;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;

/**
 * The blocks that have no cluster yet, largest energy first.
 *
 * <p>Nothing here takes time for every block of the family each time: there may be many thousands
 * of blocks and of seeds, and in the order of norms both ends only move towards each other.
 */
final class Available {

  // Invariant: blocks[from] … blocks[to − 1] are available, by descending energy.
  private final int[] blocks;
  private final boolean[] removed;
  private final int from;
  private int to;

  private Available(int[] blocks, boolean[] removed, int from, int to) {
    this.blocks = blocks;
    this.removed = removed;
    this.from = from;
    this.to = to;
  }

  /** All blocks of a family. */
  static Available of(Family family) {
    int[] blocks = byDescendingEnergy(family);
    return new Available(blocks, new boolean[blocks.length], 0, blocks.length);
  }

  /** Largest first; blocks of equal energy by position. */
  private static int[] byDescendingEnergy(Family family) {
    int n = family.size();
    double[] keys = new double[n];
    for (int i = 0; i < n; i++) {
      keys[i] = -family.block(i).energy();
    }
    double[] ascending = keys.clone();
    Arrays.sort(ascending);
    int[] order = new int[n];
    int[] taken = new int[n];
    for (int i = 0; i < n; i++) {
      int first = first(ascending, keys[i]);
      order[first + taken[first]++] = i;
    }
    return order;
  }

  /** The first place of a key that is there. */
  private static int first(double[] ascending, double key) {
    int low = 0;
    int high = ascending.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ascending[middle] < key) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  int count() {
    return to - from;
  }

  /** The block that so many are before. */
  int get(int index) {
    return blocks[from + index];
  }

  int[] largest(int count) {
    return Arrays.copyOfRange(blocks, from, from + count);
  }

  int[] all() {
    return largest(count());
  }

  PrimitiveIterator.OfInt smallestFirst() {
    return IntStream.rangeClosed(1, count()).map(i -> blocks[to - i]).iterator();
  }

  /** All but the largest, in the same memory: only one of the two may be changed. */
  Available without(int largest) {
    return new Available(blocks, removed, from + largest, to);
  }

  /** Takes some blocks out, the sooner the smaller they are. */
  void removeInPlace(int[] some) {
    for (int each : some) {
      removed[each] = true;
    }
    int read = to;
    int write = to;
    for (int left = some.length; left > 0; ) {
      int block = blocks[--read];
      if (removed[block]) {
        left--;
      } else {
        blocks[--write] = block;
      }
    }
    System.arraycopy(blocks, write, blocks, read, to - write);
    to -= write - read;
  }
}
