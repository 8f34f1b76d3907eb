package io.github.colonnade.jobs.metrics;

import io.micrometer.core.instrument.Counter;

/** What becomes of the batches of a stream. */
public final class BatchMeters {

  private final Counter planned;

  public BatchMeters(Meters meters) {
    this.planned = meters.counter(JobMeter.BATCHES_PLANNED);
  }

  /** The blocks of a batch have their clusters. */
  public void planned() {
    planned.increment();
  }
}
