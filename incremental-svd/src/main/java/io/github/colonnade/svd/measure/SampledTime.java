package io.github.colonnade.svd.measure;

import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * How long things took together. Long ones are timed; of short ones, which may take hardly longer
 * than to read the clock, one in about {@value #INTERVAL}, at random, stands for those since the
 * last.
 *
 * <p>One thread at a time begins and ends them, one after the other; any thread may read.
 */
public final class SampledTime {

  /** How many short ones there are for each that is timed, on average. */
  static final int INTERVAL = 16;

  private static final long NOT_TIMED = Long.MIN_VALUE;

  private final LongSupplier nanoClock;
  private final Sum nanos = new Sum();
  private final SplittableRandom random = new SplittableRandom(0);
  private int gap = 1;
  private int toTimed = gap;
  private int standsFor = gap;

  public SampledTime() {
    this(System::nanoTime);
  }

  /**
   * @param nanoClock as {@link System#nanoTime}
   */
  SampledTime(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * Begins one thing.
   *
   * @return for {@link #end}
   */
  public long begin(boolean isShort) {
    if (!isShort) {
      standsFor = 1;
      return nanoClock.getAsLong();
    }
    return --toTimed > 0 ? NOT_TIMED : beginSample();
  }

  private long beginSample() {
    standsFor = gap;
    gap = 1 + random.nextInt(2 * INTERVAL - 1);
    toTimed = gap;
    return nanoClock.getAsLong();
  }

  /**
   * Ends it.
   *
   * @param begun what {@link #begin} returned
   */
  public void end(long begun) {
    if (begun != NOT_TIMED) {
      nanos.add((nanoClock.getAsLong() - begun) * standsFor);
    }
  }

  public long nanos() {
    return nanos.value();
  }
}
