package io.github.colonnade.jobs.flink;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Jobs run in this process.
 *
 * @param metricsPort where their metrics are given to Prometheus, if anywhere
 */
public record LocalTarget(int parallelism, OptionalInt metricsPort) implements Target {

  /** Jobs whose metrics nobody asks for. */
  public LocalTarget(int parallelism) {
    this(parallelism, OptionalInt.empty());
  }

  @Override
  public boolean isAttached() {
    return true;
  }

  @Override
  public boolean isLocal() {
    return true;
  }

  @Override
  public Cluster bounded() {
    return EmbeddedCluster.bounded(parallelism, metricsPort);
  }

  @Override
  public Cluster streaming(String checkpoints, Duration interval, Optional<String> from) {
    return EmbeddedCluster.streaming(parallelism, metricsPort, checkpoints, interval, from);
  }
}
