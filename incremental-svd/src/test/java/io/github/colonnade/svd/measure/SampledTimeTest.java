package io.github.colonnade.svd.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class SampledTimeTest {

  private long now;
  private int readings;

  private final SampledTime time =
      new SampledTime(
          () -> {
            readings++;
            return now;
          });

  private void take(long nanos, boolean isShort) {
    long begun = time.begin(isShort);
    now += nanos;
    time.end(begun);
  }

  @Test
  void longOnesAreTimed() {
    for (int i = 1; i <= 100; i++) {
      take(i, false);
    }

    assertEquals(100 * 101 / 2, time.nanos());
  }

  @Test
  void aSampleOfShortOnesStandsForAll() {
    int count = 100_000;

    for (int i = 0; i < count; i++) {
      take(7, true);
    }

    assertTrue(readings < 2.2 * count / SampledTime.INTERVAL, () -> readings + " readings");
    long left = 7L * count - time.nanos();
    assertTrue(left >= 0 && left < 7 * 2 * SampledTime.INTERVAL, () -> left + " ns left out");
  }

  /** Work repeats itself: a fixed interval would always meet the same step. */
  @Test
  void whatRepeatsItselfIsNotSampledAtTheSameStep() {
    int rounds = 20_000;

    for (int i = 0; i < rounds; i++) {
      for (int step = 0; step < SampledTime.INTERVAL; step++) {
        take(step == 0 ? 1_000 : 10, true);
      }
    }

    double exact = rounds * (1_000 + 10.0 * (SampledTime.INTERVAL - 1));
    assertEquals(exact, (double) time.nanos(), 0.05 * exact);
  }

  @Test
  void shortOnesBetweenLongOnesCountForThemselves() {
    Random random = new Random(1);
    long exact = 0;

    for (int i = 0; i < 100_000; i++) {
      boolean isShort = random.nextBoolean();
      long nanos = isShort ? 10 : 10_000;
      exact += nanos;
      take(nanos, isShort);
    }

    long off = Math.abs(exact - time.nanos());
    assertTrue(off < 10 * 2 * SampledTime.INTERVAL, () -> off + " ns off");
  }
}
