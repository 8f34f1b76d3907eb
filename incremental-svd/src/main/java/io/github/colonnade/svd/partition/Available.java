package io.github.colonnade.svd.partition;

import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.PrimitiveIterator;

/**
 * The blocks that have no cluster yet, largest energy first.
 *
 * <p>Nothing here takes time for every block of the family each time: there may be many thousands
 * of blocks and of seeds, and in the order of norms both ends only move towards each other.
 */
final class Available {

  private static final long DIGIT = 0xff;

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

  /**
   * Largest first; blocks of equal energy by position. Sorted by the digits of the energies' bits,
   * whose order is that of the energies since none is negative.
   */
  private static int[] byDescendingEnergy(Family family) {
    int n = family.size();
    int[] order = new int[n];
    long[] keys = new long[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
      keys[i] = ~Double.doubleToRawLongBits(family.block(i).energy() + 0.0);
    }
    int[] sorted = new int[n];
    int[] places = new int[(int) DIGIT + 1];
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      Arrays.fill(places, 0);
      for (long key : keys) {
        places[(int) ((key >>> shift) & DIGIT)]++;
      }
      int before = 0;
      for (int digit = 0; digit < places.length; digit++) {
        int count = places[digit];
        places[digit] = before;
        before += count;
      }
      for (int block : order) {
        sorted[places[(int) ((keys[block] >>> shift) & DIGIT)]++] = block;
      }
      int[] swapped = order;
      order = sorted;
      sorted = swapped;
    }
    return order;
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
    return new PrimitiveIterator.OfInt() {
      private int at = to;

      @Override
      public boolean hasNext() {
        return at > from;
      }

      @Override
      public int nextInt() {
        if (at == from) {
          throw new NoSuchElementException();
        }
        return blocks[--at];
      }
    };
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
