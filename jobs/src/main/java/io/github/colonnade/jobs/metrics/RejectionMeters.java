package io.github.colonnade.jobs.metrics;

import io.github.colonnade.jobs.manifest.RejectionCause;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/** Tensors that an operator rejects. */
public final class RejectionMeters {

  private final Meters meters;
  private final Map<RejectionCause, Counter> rejected = new EnumMap<>(RejectionCause.class);

  /**
   * @param causes that are shown from the start
   */
  public RejectionMeters(Meters meters, Set<RejectionCause> causes) {
    this.meters = meters;
    causes.forEach(each -> rejected.put(each, counter(each)));
  }

  private Counter counter(RejectionCause cause) {
    return meters.counter(JobMeter.TENSORS_REJECTED, Meters.value(cause));
  }

  /** A tensor is not in the output. */
  public void rejected(RejectionCause cause) {
    rejected.computeIfAbsent(cause, this::counter).increment();
  }
}
