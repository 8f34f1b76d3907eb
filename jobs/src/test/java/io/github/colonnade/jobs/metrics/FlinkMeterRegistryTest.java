package io.github.colonnade.jobs.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FlinkMeterRegistryTest {

  private final Map<String, Metric> metrics = new HashMap<>();
  private final Meters meters = Meters.of(new NotedGroup(metrics, "", Map.of()));

  @Test
  void aCounterIsATotalWithItsTagsAsLabels() {
    Counter rejected = meters.counter(JobMeter.TENSORS_REJECTED, "changed");
    assertEquals(0L, value("colonnade_tensors_rejected_reason_total{reason=changed}"));
    rejected.increment(3);
    assertEquals(3L, value("colonnade_tensors_rejected_reason_total{reason=changed}"));
    assertThrows(
        UnsupportedOperationException.class,
        () ->
            ((org.apache.flink.metrics.Counter)
                    metric("colonnade_tensors_rejected_reason_total{reason=changed}"))
                .inc());
  }

  @Test
  void whatIsCountedElsewhereIsReadWhenItIsAskedFor() {
    AtomicLong count = new AtomicLong();
    meters.counted(JobMeter.PAYLOAD_WAITS, count::get);
    meters.gauge(JobMeter.PAYLOAD_WAITING, () -> 2 * count.get());
    count.set(7);
    assertEquals(7L, value("colonnade_payload_waits_total"));
    assertEquals(14.0, value("colonnade_payload_waiting"));
  }

  @Test
  void aTimerHasCountSumAndLongest() {
    Timer timer = meters.timer(JobMeter.SKETCH);
    timer.record(250, TimeUnit.MILLISECONDS);
    timer.record(2, TimeUnit.SECONDS);
    assertEquals(2L, value("colonnade_sketch_seconds_count"));
    assertEquals(2.25, value("colonnade_sketch_seconds_sum"));
    assertEquals(2.0, value("colonnade_sketch_seconds_max"));
  }

  @Test
  void timesOfOthersAreSeconds() {
    meters.timed(JobMeter.DECIDING, () -> 5, () -> 1_500_000_000L, "weyl");
    assertEquals(5L, value("colonnade_deciding_bound_seconds_count{bound=weyl}"));
    assertEquals(1.5, value("colonnade_deciding_bound_seconds_sum{bound=weyl}"));
  }

  @Test
  void bucketsCountWhatIsAtMostTheirLimit() {
    DistributionSummary sizes = meters.distribution(JobMeter.CLUSTER_RANK, 1, 2, 4);
    for (int size : new int[] {0, 1, 2, 3, 4, 5}) {
      sizes.record(size);
    }
    assertEquals(2L, value("colonnade_cluster_rank_le_bucket{le=1}"));
    assertEquals(3L, value("colonnade_cluster_rank_le_bucket{le=2}"));
    assertEquals(5L, value("colonnade_cluster_rank_le_bucket{le=4}"));
    assertEquals(6L, value("colonnade_cluster_rank_le_bucket{le=Inf}"));
    assertEquals(6L, value("colonnade_cluster_rank_count"));
    assertEquals(15.0, value("colonnade_cluster_rank_sum"));
    assertEquals(5.0, value("colonnade_cluster_rank_max"));
  }

  @Test
  void everyMeterHasTheNamesThatItSays() {
    for (JobMeter meter : JobMeter.values()) {
      metrics.clear();
      Meters fresh = Meters.of(new NotedGroup(metrics, "", Map.of()));
      String[] values = meter.tags().stream().map(tag -> "some").toArray(String[]::new);
      switch (meter.kind()) {
        case COUNTER -> fresh.counter(meter, values);
        case TIMER -> fresh.timer(meter);
        case TIME -> fresh.timed(meter, () -> 0, () -> 0, values);
        case DISTRIBUTION -> fresh.distribution(meter, 1);
        case GAUGE -> fresh.gauge(meter, () -> 0);
      }
      assertEquals(
          meter.exported().stream().sorted().toList(),
          metrics.keySet().stream()
              .map(name -> name.replaceAll("\\{.*", ""))
              .distinct()
              .sorted()
              .toList());
    }
  }

  private Metric metric(String name) {
    return Objects.requireNonNull(metrics.get(name), name);
  }

  private @Nullable Object value(String name) {
    Metric metric = metric(name);
    if (metric instanceof org.apache.flink.metrics.Counter counter) {
      return counter.getCount();
    }
    return ((Gauge<?>) metric).getValue();
  }
}
