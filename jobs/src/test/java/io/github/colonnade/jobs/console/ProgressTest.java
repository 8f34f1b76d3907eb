package io.github.colonnade.jobs.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.jobs.console.Progress.State;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ProgressTest {
  private static final long MIB = 1 << 20;

  private final StringWriter shown = new StringWriter();
  private final PrintWriter err = new PrintWriter(shown, true);
  private long nanos = 42;

  private void after(double seconds) {
    nanos += Math.round(seconds * 1e9);
  }

  private List<String> lines() {
    return shown.toString().lines().toList();
  }

  @Test
  void elsewhereALineComesEveryFewSeconds() {
    try (Progress progress = new Progress(err, false, () -> nanos)) {
      progress.update(new State("sketch", 0, 100 * MIB));
      for (int i = 1; i <= 60; i++) {
        after(0.2);
        progress.update(new State("sketch", i * MIB, 100 * MIB));
      }
      after(1);
      progress.update(new State("encode", 0, 0));
      after(5);
      progress.update(new State("encode", 3 * MIB, 0));
    }
    assertEquals(
        List.of(
            "sketch       0 %  0 B of 100.0 MiB",
            "sketch      25 %  25.0 MiB of 100.0 MiB  5.0 MiB/s  about 15.0 s left",
            "sketch      50 %  50.0 MiB of 100.0 MiB  5.0 MiB/s  about 10.0 s left",
            "sketch     done   60.0 MiB in 13.0 s",
            "encode            0 B",
            "encode            3.0 MiB  614.4 KiB/s",
            "encode     done   3.0 MiB in 5.0 s"),
        lines());
  }

  @Test
  void onATerminalOneLineIsRedrawn() {
    try (Progress progress = new Progress(err, true, () -> nanos)) {
      progress.update(new State("sketch", 0, 4 * MIB));
      after(0.1);
      progress.update(new State("sketch", MIB, 4 * MIB)); // too soon to redraw
      after(1.9);
      progress.update(new State("sketch", 2 * MIB, 4 * MIB));
      after(1);
    }
    assertEquals(
        "\r\u001b[Ksketch       0 %  0 B of 4.0 MiB"
            + "\r\u001b[Ksketch      50 %  2.0 MiB of 4.0 MiB  1.0 MiB/s  about 2.0 s left"
            + "\r\u001b[Ksketch     done   2.0 MiB in 3.0 s"
            + System.lineSeparator(),
        shown.toString());
  }

  @Test
  void itIsNotDoneBeforeItIsDone() {
    try (Progress progress = new Progress(err, false, () -> nanos)) {
      progress.update(new State("encode", 5 * MIB, 4 * MIB));
      assertEquals(List.of("encode      99 %  5.0 MiB of 4.0 MiB"), lines());
    }
  }

  @Test
  void workThatFailedIsNotDone() {
    try (Progress progress = new Progress(err, false, () -> nanos)) {
      progress.update(new State("sketch", MIB, 2 * MIB));
      progress.abandon();
    }
    assertEquals(List.of("sketch      50 %  1.0 MiB of 2.0 MiB"), lines());
  }

  @Test
  void workWithoutAPhaseShowsNothing() {
    new Progress(err, false, () -> nanos).close();
    assertEquals("", shown.toString());
  }

  @Test
  @Timeout(60)
  void watchingAsksTheSourceUntilClosed() throws InterruptedException {
    CountDownLatch asked = new CountDownLatch(2);
    Progress progress =
        Progress.watch(
            () -> {
              asked.countDown();
              return new State("list", asked.getCount() == 0 ? 7 : 1, 0);
            },
            err,
            false);
    asked.await(30, TimeUnit.SECONDS);
    progress.close();
    assertEquals("list              1 B", lines().get(0));
    assertEquals(2, lines().size());
    progress.close();
    assertEquals(2, lines().size());
  }
}
