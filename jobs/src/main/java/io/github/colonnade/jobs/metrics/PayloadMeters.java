package io.github.colonnade.jobs.metrics;

import java.util.function.LongSupplier;

/** The memory for payloads that a job has in one process. */
public final class PayloadMeters {

  private PayloadMeters() {}

  /** Shows it as part of a subtask. */
  public static void show(
      Meters meters,
      LongSupplier held,
      LongSupplier most,
      LongSupplier waiting,
      LongSupplier waits) {
    meters.gauge(JobMeter.PAYLOAD_HELD, held::getAsLong);
    meters.gauge(JobMeter.PAYLOAD_MOST, most::getAsLong);
    meters.gauge(JobMeter.PAYLOAD_WAITING, waiting::getAsLong);
    meters.counted(JobMeter.PAYLOAD_WAITS, waits);
  }
}
