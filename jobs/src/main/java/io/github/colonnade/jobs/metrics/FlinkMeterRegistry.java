package io.github.colonnade.jobs.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Measurement;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.cumulative.CumulativeCounter;
import io.micrometer.core.instrument.cumulative.CumulativeFunctionCounter;
import io.micrometer.core.instrument.cumulative.CumulativeFunctionTimer;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.micrometer.core.instrument.distribution.pause.PauseDetector;
import io.micrometer.core.instrument.internal.DefaultGauge;
import io.micrometer.core.instrument.internal.DefaultMeter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/**
 * Meters that are metrics of a group of Flink's, so that any reporter of Flink exports them.
 *
 * <p>The parts of a meter's name and its tags, each with its value as a label, become groups below;
 * in the last of them are the metrics, whose names {@link JobMeter.Kind} has. A gauge is called
 * after the last part of its name. Meters live as long as the group.
 */
final class FlinkMeterRegistry extends MeterRegistry {

  private static final double NANOS_PER_SECOND = 1e9;

  private final MetricGroup root;

  FlinkMeterRegistry(MetricGroup root) {
    super(Clock.SYSTEM);
    this.root = root;
  }

  private MetricGroup group(Meter.Id id) {
    return tagged(names(id.getName()), id);
  }

  private MetricGroup names(String name) {
    MetricGroup group = root;
    for (String each : name.split("\\.", -1)) {
      group = group.addGroup(each);
    }
    return group;
  }

  private static MetricGroup tagged(MetricGroup names, Meter.Id id) {
    MetricGroup group = names;
    for (Tag tag : id.getTags()) {
      group = group.addGroup(tag.getKey(), tag.getValue());
    }
    return group;
  }

  /** A total for Flink, which only reads it. */
  private record Total(LongSupplier value)
      implements org.apache.flink.metrics.Counter, OperatorMetric {

    @Override
    public void inc() {
      throw new UnsupportedOperationException("it is counted by a meter");
    }

    @Override
    public void inc(long n) {
      inc();
    }

    @Override
    public void dec() {
      inc();
    }

    @Override
    public void dec(long n) {
      inc();
    }

    @Override
    public long getCount() {
      return value.getAsLong();
    }
  }

  /** A sum, the largest of values, or the value of a gauge, for Flink. */
  private record Amount(DoubleSupplier value)
      implements org.apache.flink.metrics.Gauge<Double>, OperatorMetric {

    @Override
    public Double getValue() {
      return value.getAsDouble();
    }
  }

  private static void total(MetricGroup group, String name, LongSupplier value) {
    group.counter(name, new Total(value));
  }

  private static void amount(MetricGroup group, String name, DoubleSupplier value) {
    group.gauge(name, new Amount(value));
  }

  @Override
  protected Counter newCounter(Meter.Id id) {
    Counter counter = new CumulativeCounter(id);
    total(group(id), "total", () -> (long) counter.count());
    return counter;
  }

  @Override
  protected <T> FunctionCounter newFunctionCounter(
      Meter.Id id, T owner, ToDoubleFunction<T> value) {
    total(group(id), "total", () -> (long) value.applyAsDouble(owner));
    return new CumulativeFunctionCounter<>(id, owner, value);
  }

  @Override
  protected Timer newTimer(
      Meter.Id id, DistributionStatisticConfig config, PauseDetector pauseDetector) {
    TotalTimer timer = new TotalTimer(id);
    MetricGroup group = group(id);
    total(group, "seconds_count", timer::count);
    amount(group, "seconds_sum", () -> timer.totalTime(TimeUnit.SECONDS));
    amount(group, "seconds_max", () -> timer.max(TimeUnit.SECONDS));
    return timer;
  }

  @Override
  protected <T> FunctionTimer newFunctionTimer(
      Meter.Id id, T owner, ToLongFunction<T> count, ToDoubleFunction<T> time, TimeUnit unit) {
    MetricGroup group = group(id);
    double perSecond = NANOS_PER_SECOND / unit.toNanos(1);
    total(group, "seconds_count", () -> count.applyAsLong(owner));
    amount(group, "seconds_sum", () -> time.applyAsDouble(owner) / perSecond);
    return new CumulativeFunctionTimer<>(id, owner, count, time, unit, getBaseTimeUnit());
  }

  @Override
  protected DistributionSummary newDistributionSummary(
      Meter.Id id, DistributionStatisticConfig config, double scale) {
    double @Nullable [] limits = config.getServiceLevelObjectiveBoundaries();
    TotalDistribution distribution =
        new TotalDistribution(id, limits == null ? new double[0] : limits, scale);
    MetricGroup group = group(id);
    total(group, "count", distribution::count);
    amount(group, "sum", distribution::totalAmount);
    amount(group, "max", distribution::max);
    for (int i = 0; i <= distribution.limits(); i++) {
      int bucket = i;
      total(group.addGroup("le", le(distribution, i)), "bucket", () -> distribution.upTo(bucket));
    }
    return distribution;
  }

  /** Reporters put other characters than letters and digits out of labels, so no sign or point. */
  private static String le(TotalDistribution distribution, int bucket) {
    return bucket == distribution.limits()
        ? "Inf"
        : String.format(Locale.ROOT, "%.0f", distribution.limit(bucket));
  }

  @Override
  protected <T> Gauge newGauge(Meter.Id id, @Nullable T owner, ToDoubleFunction<T> value) {
    String name = id.getName();
    int last = name.lastIndexOf('.');
    MetricGroup group = tagged(names(name.substring(0, last)), id);
    amount(
        group,
        name.substring(last + 1),
        () -> owner == null ? Double.NaN : value.applyAsDouble(owner));
    return new DefaultGauge<>(id, owner, value);
  }

  @Override
  protected Meter newMeter(Meter.Id id, Meter.Type type, Iterable<Measurement> measurements) {
    return new DefaultMeter(id, type, measurements);
  }

  @Override
  protected TimeUnit getBaseTimeUnit() {
    return TimeUnit.SECONDS;
  }

  @Override
  protected DistributionStatisticConfig defaultHistogramConfig() {
    return DistributionStatisticConfig.DEFAULT;
  }
}
