package io.github.colonnade.jobs.metrics;

import io.micrometer.core.instrument.AbstractMeter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** How often, how long together and how long at most since the start. */
final class TotalTimer extends AbstractMeter implements Timer {

  private final LongAdder count = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAccumulator most = new LongAccumulator(Math::max, 0);

  TotalTimer(Meter.Id id) {
    super(id);
  }

  @Override
  public void record(long amount, TimeUnit unit) {
    long time = Math.max(0, unit.toNanos(amount));
    nanos.add(time);
    most.accumulate(time);
    count.increment();
  }

  @Override
  public <T> T record(Supplier<T> work) {
    long started = System.nanoTime();
    try {
      return work.get();
    } finally {
      record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public <T> T recordCallable(Callable<T> work) throws Exception {
    long started = System.nanoTime();
    try {
      return work.call();
    } finally {
      record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void record(Runnable work) {
    record(
        () -> {
          work.run();
          return work;
        });
  }

  @Override
  public long count() {
    return count.sum();
  }

  @Override
  public double totalTime(TimeUnit unit) {
    return (double) nanos.sum() / unit.toNanos(1);
  }

  @Override
  public double max(TimeUnit unit) {
    return (double) most.get() / unit.toNanos(1);
  }

  @Override
  public TimeUnit baseTimeUnit() {
    return TimeUnit.SECONDS;
  }

  @Override
  public HistogramSnapshot takeSnapshot() {
    return HistogramSnapshot.empty(count(), totalTime(baseTimeUnit()), max(baseTimeUnit()));
  }
}
