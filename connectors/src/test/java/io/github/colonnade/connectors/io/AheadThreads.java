package io.github.colonnade.connectors.io;

import java.util.List;

/** Threads that read ahead, by their names. */
final class AheadThreads {
  private AheadThreads() {}

  static List<Thread> named(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(each -> each.getName().equals(name))
        .toList();
  }

  /** Waits until none is left. */
  static void awaitEnd(String name) throws InterruptedException {
    for (Thread each : named(name)) {
      each.join();
    }
  }
}
