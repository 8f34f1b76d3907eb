package io.github.colonnade.jobs.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** What becomes visible. */
public final class CommitMeters {

  private final Timer timer;
  private final Counter blocks;

  public CommitMeters(Meters meters) {
    this.timer = meters.timer(JobMeter.COMMIT);
    this.blocks = meters.counter(JobMeter.BLOCKS_COMMITTED);
  }

  /**
   * A manifest or a segment is published.
   *
   * @param entries of blocks in it
   * @param started from {@link System#nanoTime}
   */
  public void published(long entries, long started) {
    blocks.increment((double) entries);
    timer.record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
  }
}
