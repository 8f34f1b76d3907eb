package io.github.colonnade.jobs.metrics;

import io.micrometer.core.instrument.AbstractMeter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.distribution.HistogramSnapshot;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAccumulator;
import java.util.concurrent.atomic.DoubleAdder;

/** Amounts since the start: how many up to each limit, their sum and the largest. */
final class TotalDistribution extends AbstractMeter implements DistributionSummary {

  private final double[] limits;
  private final double scale;
  private final AtomicLongArray buckets;
  private final DoubleAdder sum = new DoubleAdder();
  private final DoubleAccumulator most = new DoubleAccumulator(Math::max, 0);

  /**
   * @param limits of buckets, ascending; another bucket is for what is above all
   */
  TotalDistribution(Meter.Id id, double[] limits, double scale) {
    super(id);
    this.limits = limits.clone();
    this.scale = scale;
    this.buckets = new AtomicLongArray(limits.length + 1);
  }

  @Override
  public void record(double amount) {
    double scaled = amount * scale;
    if (!(scaled >= 0)) {
      return;
    }
    int at = Arrays.binarySearch(limits, scaled);
    sum.add(scaled);
    most.accumulate(scaled);
    buckets.incrementAndGet(at < 0 ? -1 - at : at);
  }

  /** How many limits there are. */
  int limits() {
    return limits.length;
  }

  double limit(int bucket) {
    return limits[bucket];
  }

  /** How many amounts were at most a limit; all of them, if {@code bucket} is the last. */
  long upTo(int bucket) {
    long count = 0;
    for (int i = 0; i <= bucket; i++) {
      count += buckets.get(i);
    }
    return count;
  }

  @Override
  public long count() {
    return upTo(limits.length);
  }

  @Override
  public double totalAmount() {
    return sum.sum();
  }

  @Override
  public double max() {
    return most.get();
  }

  @Override
  public HistogramSnapshot takeSnapshot() {
    return HistogramSnapshot.empty(count(), totalAmount(), max());
  }
}
