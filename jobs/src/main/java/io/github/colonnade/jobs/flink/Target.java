package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.UsageException;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the jobs of a command run.
 *
 * <p>Open this first: a command asks its target for a {@link Cluster}, which gives it environments
 * to build jobs in and runs them.
 */
public sealed interface Target permits LocalTarget, RemoteTarget, SubmittedTarget {

  /**
   * A name for what this program does, if it may be run again to go on with the same job, as by a
   * JobManager in application mode that took over from another.
   */
  default Optional<String> run() {
    return Optional.empty();
  }

  /** How many subtasks run side by side. */
  int parallelism();

  /** Whether the program waits for its jobs. */
  boolean isAttached();

  /** Whether all that a job does happens in this process. */
  boolean isLocal();

  /**
   * This, for a command that needs what its job tells.
   *
   * @throws UsageException if the program does not wait for it
   */
  default Target waitedFor(String command) {
    if (!isAttached()) {
      throw new UsageException(
          "colonnade "
              + command
              + ": it must wait for its job; submit it with --target remote, or with flink run"
              + " without -d");
    }
    return this;
  }

  /** A cluster for bounded jobs. */
  Cluster bounded();

  /**
   * A cluster for a job that goes on.
   *
   * @param checkpoints where checkpoints go, a URI
   * @param interval between two checkpoints
   * @param from the checkpoint or savepoint to go on from, a URI; it is the job's own from then on
   */
  Cluster streaming(String checkpoints, Duration interval, Optional<String> from);
}
