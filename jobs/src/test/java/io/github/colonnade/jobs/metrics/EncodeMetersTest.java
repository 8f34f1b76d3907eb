package io.github.colonnade.jobs.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Metric;
import org.junit.jupiter.api.Test;

class EncodeMetersTest {

  private static final double LIMIT = 0.1;

  private final Map<String, Metric> metrics = new HashMap<>();
  private final EncodeMeters meters =
      new EncodeMeters(Meters.of(new NotedGroup(metrics, "", Map.of())));

  private long count(String name) {
    return ((Counter) Objects.requireNonNull(metrics.get("colonnade_" + name))).getCount();
  }

  @Test
  void errorsAreSharesOfTheLimit() {
    meters.error(0, LIMIT);
    meters.error(0.049, LIMIT);
    meters.error(LIMIT, LIMIT);

    assertEquals(1, count("error_percent_le_bucket{le=10}"));
    assertEquals(2, count("error_percent_le_bucket{le=50}"));
    assertEquals(3, count("error_percent_le_bucket{le=100}"));
    assertEquals(0, count("certificate_failures_total"));
  }

  @Test
  void anErrorAboveTheLimitIsAFailure() {
    meters.error(Math.nextUp(LIMIT), LIMIT);
    assertEquals(1, count("certificate_failures_total"));

    meters.error(Double.NaN, LIMIT);
    assertEquals(2, count("certificate_failures_total"));
  }

  @Test
  void withoutALimitNothingMayBeLost() {
    meters.error(0, 0);
    assertEquals(0, count("certificate_failures_total"));

    meters.error(Double.MIN_VALUE, 0);
    assertEquals(1, count("certificate_failures_total"));
  }
}
