package io.github.colonnade.tests.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits for what another process does. */
public final class Await {
  private static final long POLL_MILLIS = 20;

  private Await() {}

  /** What may be looked at any number of times. */
  @FunctionalInterface
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * Waits until a condition holds.
   *
   * @param what it is, for the message
   * @param limit after which it is given up, far longer than it takes
   * @param state told if it is given up
   */
  public static void until(String what, Duration limit, Condition condition, Supplier<String> state)
      throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not in " + limit + ": " + what + "; " + state.get());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }
}
