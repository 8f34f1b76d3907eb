package io.github.colonnade.jobs.flink;

import java.time.Duration;
import java.util.Optional;

/** Jobs run in this process. */
public record LocalTarget(int parallelism) implements Target {

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
    return new EmbeddedCluster(parallelism);
  }

  @Override
  public Cluster streaming(String checkpoints, Duration interval, Optional<String> from) {
    return EmbeddedCluster.streaming(parallelism, checkpoints, interval, from);
  }
}
