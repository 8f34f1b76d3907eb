package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * A set of pairs of numbers in constant memory, from which the difference to another such set can
 * be read if it is small: an invertible Bloom lookup table (M. Goodrich, M. Mitzenmacher,
 * <i>Invertible Bloom lookup tables</i>, Allerton 2011, arXiv 1101.2245).
 *
 * <p>Each element is added to {@value #HASHES} cells. A cell keeps the number of its elements and,
 * by exclusive or, their keys, their stamps and a checksum of each. The difference of two tables is
 * the table of their difference. A cell with a single element tells it; it is taken out of its
 * other cells, which may have a single one then, and so on.
 *
 * <p>There are {@value #PARTS} tables of {@value #CELLS} cells, one of which an element belongs to
 * by its key, and each is decoded by itself. A difference of d elements in a part is decoded with
 * high probability up to d = 0.77 · {@value #CELLS} (the threshold of 4 hashes); since the parts
 * share a difference by chance, count on 11,000 in all. Below that decoding fails when two elements
 * have all cells in common: probability d²/2 · (4 / {@value #CELLS})⁴ in a part, 3.4·10⁻⁶ for d =
 * 2,750. A difference that is read wrongly needs a cell of several elements with the right checksum
 * of 64 bits, 2⁻⁶⁴ for each cell that is looked at.
 *
 * <p>Invariants: the counts of a part's cells sum up to {@value #HASHES} times its elements; no
 * element is in it twice.
 */
final class InvertibleTable {

  static final int PARTS = 4;
  static final int CELLS = 4096;
  static final int HASHES = 4;

  private static final int ROW = CELLS / HASHES;
  private static final int ROW_BITS = Integer.numberOfTrailingZeros(ROW);
  private static final int PART_BITS = Integer.numberOfTrailingZeros(PARTS);
  private static final int ALL = PARTS * CELLS;

  /** Of a file: the hash of its path, and that of its version. Both are uniform. */
  record Element(long key, long stamp) {
    int part() {
      return (int) (key >>> (Long.SIZE - PART_BITS));
    }

    private long hash() {
      return mix(key + 0x9e3779b97f4a7c15L * stamp);
    }

    private long check() {
      return mix(stamp ^ mix(key));
    }

    private int cell(int hash) {
      int within = (int) (hash() >>> (hash * ROW_BITS)) & (ROW - 1);
      return part() * CELLS + hash * ROW + within;
    }
  }

  /**
   * What one table has and another has not.
   *
   * @param more elements of the first only
   * @param fewer elements of the second only
   * @param undecoded parts whose difference is not known
   */
  record Difference(List<Element> more, List<Element> fewer, List<Integer> undecoded) {}

  private final int[] counts = new int[ALL];
  private final long[] keys = new long[ALL];
  private final long[] stamps = new long[ALL];
  private final long[] checks = new long[ALL];

  void add(Element element) {
    change(element, 1);
  }

  /** Takes out an element that is there. */
  void remove(Element element) {
    change(element, -1);
  }

  private void change(Element element, int by) {
    for (int hash = 0; hash < HASHES; hash++) {
      int cell = element.cell(hash);
      counts[cell] += by;
      keys[cell] ^= element.key();
      stamps[cell] ^= element.stamp();
      checks[cell] ^= element.check();
    }
  }

  /** Elements of a part. */
  long size(int part) {
    long sum = 0;
    for (int cell = part * CELLS; cell < (part + 1) * CELLS; cell++) {
      sum += counts[cell];
    }
    return sum / HASHES;
  }

  /** Makes a part the same as in another table. */
  void copyPart(int part, InvertibleTable from) {
    int at = part * CELLS;
    System.arraycopy(from.counts, at, counts, at, CELLS);
    System.arraycopy(from.keys, at, keys, at, CELLS);
    System.arraycopy(from.stamps, at, stamps, at, CELLS);
    System.arraycopy(from.checks, at, checks, at, CELLS);
  }

  InvertibleTable copy() {
    InvertibleTable copy = new InvertibleTable();
    for (int part = 0; part < PARTS; part++) {
      copy.copyPart(part, this);
    }
    return copy;
  }

  /** What this table has more and fewer than the other. Neither is modified. */
  Difference minus(InvertibleTable other) {
    InvertibleTable left = copy();
    for (int cell = 0; cell < ALL; cell++) {
      left.counts[cell] -= other.counts[cell];
      left.keys[cell] ^= other.keys[cell];
      left.stamps[cell] ^= other.stamps[cell];
      left.checks[cell] ^= other.checks[cell];
    }
    Difference difference = new Difference(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (int part = 0; part < PARTS; part++) {
      left.decode(part, difference);
    }
    return difference;
  }

  /** Takes out of a part whatever a cell tells, and the cells that then have one element, … */
  private void decode(int part, Difference difference) {
    List<Element> more = new ArrayList<>();
    List<Element> fewer = new ArrayList<>();
    Deque<Integer> single = new ArrayDeque<>();
    for (int cell = part * CELLS; cell < (part + 1) * CELLS; cell++) {
      single.add(cell);
    }
    // A wrong element, if there ever is one, must not keep this going for ever.
    while (!single.isEmpty() && more.size() + fewer.size() < CELLS) {
      int cell = single.remove();
      if (!isSingle(cell)) {
        continue;
      }
      Element element = new Element(keys[cell], stamps[cell]);
      int count = counts[cell];
      (count > 0 ? more : fewer).add(element);
      change(element, -count);
      for (int hash = 0; hash < HASHES; hash++) {
        single.add(element.cell(hash));
      }
    }
    if (isEmpty(part)) {
      difference.more().addAll(more);
      difference.fewer().addAll(fewer);
    } else {
      difference.undecoded().add(part);
    }
  }

  private boolean isSingle(int cell) {
    if (Math.abs(counts[cell]) != 1) {
      return false;
    }
    Element element = new Element(keys[cell], stamps[cell]);
    return element.check() == checks[cell] && element.part() == cell / CELLS;
  }

  private boolean isEmpty(int part) {
    for (int cell = part * CELLS; cell < (part + 1) * CELLS; cell++) {
      if (!isEmptyCell(cell)) {
        return false;
      }
    }
    return true;
  }

  private boolean isEmptyCell(int cell) {
    return counts[cell] == 0 && keys[cell] == 0 && stamps[cell] == 0 && checks[cell] == 0;
  }

  /** Writes which cells are used, and these: 28 bytes each. */
  void write(DataOutput out) throws IOException {
    BitSet used = new BitSet(ALL);
    for (int cell = 0; cell < ALL; cell++) {
      used.set(cell, !isEmptyCell(cell));
    }
    byte[] bits = used.toByteArray();
    out.writeInt(bits.length);
    out.write(bits);
    for (int cell = used.nextSetBit(0); cell >= 0; cell = used.nextSetBit(cell + 1)) {
      out.writeInt(counts[cell]);
      out.writeLong(keys[cell]);
      out.writeLong(stamps[cell]);
      out.writeLong(checks[cell]);
    }
  }

  /** Reads what {@link #write} wrote. */
  static InvertibleTable read(DataInput in) throws IOException {
    byte[] bits = TensorInfoBytes.readBytes(in, in.readInt());
    BitSet used = BitSet.valueOf(bits);
    InvertibleTable table = new InvertibleTable();
    for (int cell = used.nextSetBit(0); cell >= 0; cell = used.nextSetBit(cell + 1)) {
      table.counts[cell] = in.readInt();
      table.keys[cell] = in.readLong();
      table.stamps[cell] = in.readLong();
      table.checks[cell] = in.readLong();
    }
    return table;
  }

  /** A bijection that makes any bit of its result depend on all (D. Stafford's variant 13). */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
