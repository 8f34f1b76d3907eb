package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.SparsePlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class KeptRowsPropertyTest {

  private static List<int[]> rows(int blocks, int directions, double density, Random random) {
    List<int[]> rows = new ArrayList<>();
    for (int j = 0; j < blocks; j++) {
      rows.add(IntStream.range(0, directions).filter(i -> random.nextDouble() < density).toArray());
    }
    return rows;
  }

  @Property(tries = 100)
  void whatIsWrittenIsReadAgainAndNotLargerThanPlanned(
      @ForAll @IntRange(min = 1, max = 700) int blocks,
      @ForAll @IntRange(min = 1, max = 400) int directions,
      @ForAll @DoubleRange(min = 0, max = 1) double density,
      @ForAll long seed) {
    List<int[]> rows = rows(blocks, directions, density, new Random(seed));
    byte[] bytes = KeptRows.of(rows, directions).toBytes();
    KeptRows read = KeptRows.read(bytes, blocks, directions);
    for (int j = 0; j < blocks; j++) {
      assertArrayEquals(rows.get(j), read.rows(j));
    }
    assertTrue(bytes.length <= KeptRows.mostBytes(blocks, directions));
    long kept = rows.stream().mapToLong(each -> each.length).sum();
    long possible = (long) blocks * directions;
    if (kept < possible) {
      long planned = SparsePlan.maskNumbers(kept, possible, 1);
      // Containers that runs make smaller need a bit each to say so.
      long bits = (possible >> 16) / 8 + 1;
      assertTrue(bytes.length <= planned + bits, bytes.length + " > " + planned);
    }
  }

  @Property(tries = 1000)
  void brokenBytesAreRefusedOrGiveRowsInRange(
      @ForAll @IntRange(min = 1, max = 40) int blocks,
      @ForAll @IntRange(min = 1, max = 300) int directions,
      @ForAll @DoubleRange(min = 0, max = 1) double density,
      @ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = KeptRows.of(rows(blocks, directions, density, random), directions).toBytes();
    for (int i = random.nextInt(4); i >= 0; i--) {
      // Most often in the header, which says how much there is to read.
      int at = random.nextInt(random.nextBoolean() ? bytes.length : Math.min(bytes.length, 24));
      bytes[at] = (byte) random.nextInt();
    }
    byte[] broken =
        random.nextInt(3) == 0 ? Arrays.copyOf(bytes, random.nextInt(2 * bytes.length)) : bytes;
    KeptRows read;
    try {
      read = KeptRows.read(broken, blocks, directions);
    } catch (IllegalArgumentException e) {
      assertFalse(String.valueOf(e.getMessage()).isEmpty());
      return;
    }
    for (int j = 0; j < blocks; j++) {
      int last = -1;
      for (int row : read.rows(j)) {
        assertTrue(row > last && row < directions);
        last = row;
      }
    }
  }

  @Example
  void numbersOutsideAreRefused() {
    byte[] bytes = KeptRows.of(List.of(new int[] {0, 3}, new int[] {2}), 4).toBytes();
    assertArrayEquals(new int[] {2}, KeptRows.read(bytes, 2, 4).rows(1));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> KeptRows.read(bytes, 2, 3));
    assertEquals("it has number 6 of 6, counted from 0", refused.getMessage());
  }

  @Example
  void moreThanCanBeNumberedDoesNotFit() {
    assertTrue(KeptRows.fits(1 << 20, 2047));
    assertFalse(KeptRows.fits(1 << 20, 2048));
    assertFalse(KeptRows.fits(1L << 40, 1L << 40));
  }
}
