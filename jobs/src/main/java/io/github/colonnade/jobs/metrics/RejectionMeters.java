package io.github.colonnade.jobs.metrics;

import io.github.colonnade.jobs.manifest.RejectionCause;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Tensors that an operator rejects. */
public final class RejectionMeters {

  private final Map<RejectionCause, Counter> rejected = new EnumMap<>(RejectionCause.class);

  /**
   * @param causes for which tensors may be rejected here
   */
  public RejectionMeters(Meters meters, Set<RejectionCause> causes) {
    causes.forEach(
        each -> rejected.put(each, meters.counter(JobMeter.TENSORS_REJECTED, Meters.value(each))));
  }

  /** A tensor is not in the output. */
  public void rejected(RejectionCause cause) {
    Objects.requireNonNull(rejected.get(cause), cause.key()).increment();
  }
}
