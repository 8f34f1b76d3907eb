package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.SparsePlan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.roaringbitmap.IntIterator;
import org.roaringbitmap.PeekableIntIterator;
import org.roaringbitmap.RoaringBitmap;

/**
 * Which directions of a cluster's basis each of its blocks uses: the coefficients of a block have a
 * row for each of them, in ascending order.
 *
 * <p>It is stored as a RoaringBitmap of the numbers {@code block · directions + direction}, both
 * counted from 0, in the portable format of that library.
 */
public final class KeptRows {

  private final RoaringBitmap bitmap;
  private final int directions;

  private KeptRows(RoaringBitmap bitmap, int directions) {
    this.bitmap = bitmap;
    this.directions = directions;
  }

  /**
   * Numbers what blocks use.
   *
   * @param rows of each block, ascending
   */
  public static KeptRows of(List<int[]> rows, int directions) {
    RoaringBitmap bitmap = new RoaringBitmap();
    for (int block = 0; block < rows.size(); block++) {
      for (int direction : rows.get(block)) {
        bitmap.add(Math.addExact(Math.multiplyExact(block, directions), direction));
      }
    }
    bitmap.runOptimize();
    return new KeptRows(bitmap, directions);
  }

  /**
   * What a plan costs with its mask as it will be stored; a plan counts the most that a mask may
   * take.
   *
   * @param bytesPerNumber of the storage format
   */
  public static long costOf(SparsePlan plan, int bytesPerNumber) {
    int[] shared = plan.directions();
    List<int[]> rows = new ArrayList<>();
    int next = shared.length;
    long kept = 0;
    for (Optional<SparsePlan.Use> use : plan.uses()) {
      if (use.isPresent()) {
        int own = use.get().own();
        IntStream used = Arrays.stream(use.get().rows()).map(i -> Arrays.binarySearch(shared, i));
        rows.add(IntStream.concat(used, IntStream.range(next, next + own)).toArray());
        next += own;
        kept += use.get().size();
      }
    }
    long possible = (long) next * rows.size();
    if (kept == possible || !fits(rows.size(), next)) {
      return plan.cost();
    }
    int bytes = of(rows, next).bitmap.serializedSizeInBytes();
    return plan.cost()
        - SparsePlan.maskNumbers(kept, possible, bytesPerNumber)
        + (bytes + bytesPerNumber - 1) / bytesPerNumber;
  }

  /** What a plan costs without a mask. */
  static long costWithoutMask(SparsePlan plan, int bytesPerNumber) {
    long kept = 0;
    long own = 0;
    long sharing = 0;
    for (Optional<SparsePlan.Use> use : plan.uses()) {
      if (use.isPresent()) {
        kept += use.get().size();
        own += use.get().own();
        sharing++;
      }
    }
    long possible = (plan.directions().length + own) * sharing;
    return plan.cost() - SparsePlan.maskNumbers(kept, possible, bytesPerNumber);
  }

  /** Whether so many blocks and directions can be numbered. */
  public static boolean fits(long blocks, long directions) {
    return Math.multiplyHigh(blocks, directions) == 0
        && blocks * directions >= 0
        && blocks * directions <= Integer.MAX_VALUE;
  }

  /** The most bytes that {@link #toBytes} gives. */
  public static long mostBytes(long blocks, long directions) {
    long containers = (blocks * directions + 0xFFFF) >> 16;
    // A header of 8 bytes and a bit for each container, then 8 bytes and its contents.
    return 9 + containers * (9 + 8192);
  }

  /** The bitmap's portable serialisation. */
  public byte[] toBytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(bitmap.serializedSizeInBytes()).order(ByteOrder.LITTLE_ENDIAN);
    bitmap.serialize(bytes);
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} gave, trusting nothing.
   *
   * @param blocks and {@code directions}: those that {@link #fits}
   * @throws IllegalArgumentException if the bytes are no such set; the message says why, without a
   *     place
   */
  public static KeptRows read(byte[] bytes, int blocks, int directions) {
    RoaringBitmap found = new RoaringBitmap();
    RoaringBitmap sound = new RoaringBitmap();
    try {
      found.deserialize(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
      if (found.serializedSizeInBytes() != bytes.length) {
        throw new IllegalArgumentException("its size is not that of the RoaringBitmap in it");
      }
      // A broken bitmap may hold its numbers out of order, so they are put into another one.
      long possible = (long) blocks * directions;
      long last = -1;
      for (IntIterator each = found.getIntIterator(); each.hasNext(); ) {
        long next = Integer.toUnsignedLong(each.next());
        if (next >= possible) {
          throw new IllegalArgumentException(
              "it has number " + next + " of " + possible + ", counted from 0");
        }
        if (next <= last) {
          throw new IllegalArgumentException("its numbers are not in ascending order");
        }
        sound.add((int) next);
        last = next;
      }
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // What the library throws at broken bytes is not specified.
      throw new IllegalArgumentException("it is no RoaringBitmap", e);
    }
    return new KeptRows(sound, directions);
  }

  /** The directions that a block uses, ascending. */
  public int[] rows(int block) {
    int from = block * directions;
    // As many as there are, and not as many as somebody says that there may be.
    int[] rows = new int[(int) bitmap.rangeCardinality(from, (long) from + directions)];
    int count = 0;
    PeekableIntIterator each = bitmap.getIntIterator();
    each.advanceIfNeeded(from);
    while (each.hasNext() && each.peekNext() < from + directions) {
      rows[count++] = each.next() - from;
    }
    return rows;
  }

  /** All directions in order, as a block without a set uses them. */
  public static int[] all(int directions) {
    return IntStream.range(0, directions).toArray();
  }
}
