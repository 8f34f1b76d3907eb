package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SharedRankPropertyTest {

  @Property(tries = 300)
  void theSweepFindsTheMinimumOverAllRanksAndSubsets(
      @ForAll @IntRange(min = 1, max = 20) int rows, @ForAll @Size(min = 1, max = 6) int[] seeds) {
    int count = seeds.length;
    long[] columns = new long[count];
    int[] needed = new int[count];
    long[] lone = new long[count];
    for (int i = 0; i < count; i++) {
      columns[i] = 1L + Math.floorMod(seeds[i], 7);
      needed[i] = Math.floorMod(seeds[i] / 7, 12);
      if (needed[i] == 11) {
        needed[i] = SharedRank.UNREACHABLE;
      }
      lone[i] = Math.floorMod(seeds[i] / 91, 150);
    }
    long expected = 0;
    for (long cost : lone) {
      expected += cost;
    }
    for (int r = 0; r <= 12; r++) {
      for (int subset = 1; subset < 1 << count; subset++) {
        long cost = (long) r * rows;
        boolean possible = true;
        for (int i = 0; i < count; i++) {
          boolean shares = (subset & 1 << i) != 0;
          possible &= !shares || needed[i] <= r;
          cost += shares ? r * columns[i] : lone[i];
        }
        if (possible) {
          expected = Math.min(expected, cost);
        }
      }
    }
    SharedRank.Choice choice = SharedRank.cheapest(rows, columns, needed, lone);
    assertEquals(expected, choice.cost());
    long again = 0;
    long shared = 0;
    for (int i = 0; i < count; i++) {
      if (choice.shares(needed[i], columns[i], lone[i])) {
        shared += columns[i];
      } else {
        again += lone[i];
      }
    }
    assertEquals(
        choice.cost(), again + (choice.rank() < 0 ? 0 : (long) choice.rank() * (rows + shared)));
  }
}
