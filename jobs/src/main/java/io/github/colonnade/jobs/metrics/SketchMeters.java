package io.github.colonnade.jobs.metrics;

import io.github.colonnade.jobs.manifest.RejectionCause;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What becomes of tensors where they are read and sketched. */
public final class SketchMeters implements AutoCloseable {

  private static final int MOST_DIRECTIONS = 12;

  private final Counter tensors;
  private final Counter bytes;
  private final Counter blocks;
  private final Timer timer;
  private final DistributionSummary directions;
  private final RejectionMeters rejected;
  private volatile int devices;

  /**
   * @param causes for which tensors may be rejected here
   * @param device the device that is used, if there is one
   */
  public SketchMeters(Meters meters, Set<RejectionCause> causes, OptionalInt device) {
    this.tensors = meters.counter(JobMeter.TENSORS_READ);
    this.bytes = meters.counter(JobMeter.BYTES_READ);
    this.blocks = meters.counter(JobMeter.BLOCKS_SKETCHED);
    this.timer = meters.timer(JobMeter.SKETCH);
    this.directions =
        meters.distribution(JobMeter.SKETCH_DIRECTIONS, Meters.powersOfTwo(MOST_DIRECTIONS));
    this.rejected = new RejectionMeters(meters, causes);
    this.devices = device.isPresent() ? 1 : 0;
    meters.gauge(JobMeter.DEVICES_USED, () -> devices);
  }

  /** A payload was read, or a part of one. */
  public void read(long sizeBytes) {
    bytes.increment((double) sizeBytes);
  }

  /** A block has a sketch of so many directions. */
  public void sketched(int ofDirections) {
    blocks.increment();
    directions.record(ofDirections);
  }

  /**
   * A tensor is done, whatever became of it.
   *
   * @param started from {@link System#nanoTime}
   */
  public void done(long started) {
    tensors.increment();
    timer.record(System.nanoTime() - started, TimeUnit.NANOSECONDS);
  }

  /** The device is used no longer. */
  @Override
  public void close() {
    devices = 0;
  }

  /** A tensor is not in the output. */
  public void rejected(RejectionCause cause) {
    rejected.rejected(cause);
  }
}
