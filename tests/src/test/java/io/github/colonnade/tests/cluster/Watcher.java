package io.github.colonnade.tests.cluster;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A reader that looks at an output all the time while it is written. */
final class Watcher {
  /** The processors have other work too. */
  private static final long PAUSE_MILLIS = 20;

  private final StoredOutput output;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(1);

  private Watcher(StoredOutput output) {
    this.output = output;
  }

  /** What happens meanwhile. */
  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  /**
   * Looks at an output while something happens.
   *
   * @throws AssertionError if it was ever published and not whole
   */
  static void during(StoredOutput output, Action action) throws Exception {
    Watcher watcher = new Watcher(output);
    Thread thread = new Thread(watcher::watch, "watcher of " + output.uri());
    thread.start();
    try {
      action.run();
    } finally {
      watcher.ended.countDown();
      thread.join();
    }
    Throwable seen = watcher.failure.get();
    if (seen != null) {
      throw new AssertionError("a reader saw a half-written output", seen);
    }
  }

  private void watch() {
    try {
      do {
        output.requireWholeOrNothing();
      } while (!ended.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    } catch (Exception | AssertionError e) {
      failure.set(e);
    }
  }
}
