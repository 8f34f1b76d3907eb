package io.github.colonnade.jobs.console;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far long work is. On a terminal one line is redrawn; elsewhere a line is printed when a
 * phase begins and ends and every few seconds between.
 *
 * <pre>{@code
 * try (Progress progress = Progress.watch(job::state, err, interactive)) {
 *   job.execute();
 * }
 * }</pre>
 */
public final class Progress implements AutoCloseable {
  private static final long REDRAW_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long PRINT_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** No time left is shown before this much of a phase has passed. */
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final String CLEAR_LINE = "\r\u001b[K";

  /** What is counted. */
  public enum Unit {
    BYTES,
    BLOCKS,
    MERGES,
    TENSORS;

    private String format(long count) {
      return this == BYTES
          ? Formats.bytes(count)
          : Formats.count(count) + " " + name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How far the work is.
   *
   * @param phase the name of the current step; a new name ends the step before
   * @param done what of this phase is done
   * @param total all of this phase, or 0 if that is not known
   */
  public record State(String phase, long done, long total, Unit unit) {

    /** A step that is counted in bytes. */
    public State(String phase, long doneBytes, long totalBytes) {
      this(phase, doneBytes, totalBytes, Unit.BYTES);
    }
  }

  private final PrintWriter err;
  private final boolean redraw;
  private final LongSupplier nanoClock;

  private @Nullable State last;
  private long phaseStart;
  private long lastShown;
  private @Nullable Thread watcher;

  /**
   * @param err where to show it
   * @param redraw whether {@code err} is a terminal
   * @param nanoClock as {@link System#nanoTime}
   */
  public Progress(PrintWriter err, boolean redraw, LongSupplier nanoClock) {
    this.err = err;
    this.redraw = redraw;
    this.nanoClock = nanoClock;
  }

  /** Shows what {@code source} tells from time to time, until closed. */
  public static Progress watch(Supplier<State> source, PrintWriter err, boolean redraw) {
    Progress progress = new Progress(err, redraw, System::nanoTime);
    Thread thread = new Thread(() -> progress.follow(source), "progress");
    thread.setDaemon(true);
    progress.watcher = thread;
    thread.start();
    return progress;
  }

  /** Takes the current state and shows it if it is time to. */
  public synchronized void update(State state) {
    long now = nanoClock.getAsLong();
    if (last == null || !last.phase().equals(state.phase())) {
      endPhase(now);
      phaseStart = now;
      last = state;
      show(state, now);
      return;
    }
    last = state;
    if (now - lastShown >= (redraw ? REDRAW_NANOS : PRINT_NANOS)) {
      show(state, now);
    }
  }

  /** Shows nothing more: the work failed, and its current phase is not done. */
  public synchronized void abandon() {
    if (watcher != null) {
      watcher.interrupt();
    }
    if (redraw && last != null) {
      err.print(CLEAR_LINE);
      err.flush();
    }
    last = null;
  }

  /** Ends the current phase. */
  @Override
  public void close() {
    if (watcher != null) {
      watcher.interrupt();
    }
    synchronized (this) {
      endPhase(nanoClock.getAsLong());
      last = null;
    }
  }

  private void follow(Supplier<State> source) {
    try {
      while (true) {
        State state = source.get();
        synchronized (this) {
          if (Thread.currentThread().isInterrupted()) {
            return;
          }
          update(state);
        }
        Thread.sleep(TimeUnit.NANOSECONDS.toMillis(REDRAW_NANOS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void show(State state, long now) {
    lastShown = now;
    String line = line(state, now - phaseStart);
    if (redraw) {
      err.print(CLEAR_LINE + line);
      err.flush();
    } else {
      err.println(line);
      err.flush();
    }
  }

  private void endPhase(long now) {
    if (last == null) {
      return;
    }
    // The last state may be older than the end, and an end is where all that is counted is done.
    long done = last.unit() == Unit.BYTES ? last.done() : Math.max(last.done(), last.total());
    String line =
        String.format(
            Locale.ROOT,
            "%-10s done   %s in %s",
            last.phase(),
            last.unit().format(done),
            Formats.duration(seconds(now - phaseStart)));
    err.println(redraw ? CLEAR_LINE + line : line);
    err.flush();
  }

  private static String line(State state, long elapsedNanos) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-10s", state.phase()));
    long done = state.done();
    long total = state.total();
    Unit unit = state.unit();
    if (total > 0) {
      // Never 100 before the phase has ended, whatever was counted twice after a restart.
      double percent = Math.min(99, Math.floor(100.0 * done / total));
      line.append(String.format(Locale.ROOT, " %3.0f %%  ", percent));
      line.append(unit == Unit.BYTES ? unit.format(done) : Formats.count(done));
      line.append(" of ").append(unit.format(total));
    } else {
      line.append("        ").append(unit.format(done));
    }
    if (elapsedNanos >= SETTLE_NANOS && done > 0) {
      double perSecond = done / seconds(elapsedNanos);
      if (unit == Unit.BYTES) {
        line.append("  ").append(unit.format(Math.round(perSecond))).append("/s");
      }
      if (total > done) {
        line.append("  about ")
            .append(Formats.duration((total - done) / perSecond))
            .append(" left");
      }
    }
    return line.toString();
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }
}
