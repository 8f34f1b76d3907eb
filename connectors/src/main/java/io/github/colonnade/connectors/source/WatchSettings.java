package io.github.colonnade.connectors.source;

import java.io.Serializable;
import java.time.Duration;

/**
 * How inputs are watched.
 *
 * @param once whether to end when all files that are there have been given
 * @param interval between two listings
 * @param lateness how much earlier than the newest file a file may have been written and still be
 *     remembered by itself; earlier files are remembered together ({@link SeenFiles})
 * @param limits of batches
 */
public record WatchSettings(boolean once, Duration interval, Duration lateness, BatchLimits limits)
    implements Serializable {

  /**
   * Checks the durations.
   *
   * @throws IllegalArgumentException if the interval is shorter than a millisecond or the lateness
   *     negative
   */
  public WatchSettings {
    if (interval.toMillis() < 1) {
      throw new IllegalArgumentException(
          "the interval must be at least a millisecond, not " + interval);
    }
    if (lateness.isNegative()) {
      throw new IllegalArgumentException("the lateness must not be negative: " + lateness);
    }
  }
}
