package io.github.colonnade.jobs.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.MetricGroup;

/**
 * The meters of one subtask. Each is a metric of Flink from the moment on when it is asked for, so
 * operators ask for all of theirs when they are opened.
 */
public final class Meters {

  /** The system property that, set to off, makes a run without meters, to see what they cost. */
  private static final String SWITCH = "colonnade.metrics";

  private final MeterRegistry registry;

  private Meters(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Meters in a group of Flink's.
   *
   * @param operator the group of the operator in the subtask
   */
  public static Meters of(MetricGroup operator) {
    return "off".equals(System.getProperty(SWITCH))
        ? none()
        : new Meters(new FlinkMeterRegistry(operator));
  }

  /** Meters that nobody reads. */
  public static Meters none() {
    return new Meters(new CompositeMeterRegistry());
  }

  /** Whether anybody reads these. */
  boolean areRead() {
    return registry instanceof FlinkMeterRegistry;
  }

  /**
   * @param values one for each tag, as {@link #value} makes them
   */
  Counter counter(JobMeter meter, String... values) {
    return Counter.builder(meter.id()).tags(tags(meter, values)).register(registry);
  }

  /** A counter of what is counted elsewhere. */
  void counted(JobMeter meter, LongSupplier count, String... values) {
    FunctionCounter.builder(meter.id(), count, LongSupplier::getAsLong)
        .tags(tags(meter, values))
        .register(registry);
  }

  Timer timer(JobMeter meter) {
    return Timer.builder(meter.id()).register(registry);
  }

  /** A time that is measured elsewhere. */
  void timed(JobMeter meter, LongSupplier count, LongSupplier nanos, String... values) {
    FunctionTimer.builder(
            meter.id(),
            count,
            LongSupplier::getAsLong,
            each -> nanos.getAsLong(),
            TimeUnit.NANOSECONDS)
        .tags(tags(meter, values))
        .register(registry);
  }

  /**
   * @param limits whole numbers, ascending
   */
  DistributionSummary distribution(JobMeter meter, double... limits) {
    return DistributionSummary.builder(meter.id())
        .serviceLevelObjectives(limits)
        .register(registry);
  }

  void gauge(JobMeter meter, DoubleSupplier value) {
    Gauge.builder(meter.id(), value, DoubleSupplier::getAsDouble).register(registry);
  }

  private static Tags tags(JobMeter meter, String... values) {
    Tags tags = Tags.empty();
    for (int i = 0; i < values.length; i++) {
      tags = tags.and(meter.tags().get(i), values[i]);
    }
    return tags;
  }

  /** Ascending powers of 2, from 1 to 2 to the power of {@code last}. */
  static double[] powersOfTwo(int last) {
    double[] limits = new double[last + 1];
    for (int i = 0; i <= last; i++) {
      limits[i] = 1L << i;
    }
    return limits;
  }

  /** The value of a tag for a constant: reporters put _ in place of other characters anyway. */
  static String value(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
