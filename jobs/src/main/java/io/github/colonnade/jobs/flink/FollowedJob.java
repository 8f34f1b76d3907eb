package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.console.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.core.execution.JobClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job whose end is waited for while its progress is shown, from its accumulators as far as they
 * were ever seen. A task that has just ended or failed is missing from them for a moment, and what
 * is done does not become less.
 */
final class FollowedJob {
  private static final Logger LOG = LoggerFactory.getLogger(FollowedJob.class);

  private final JobClient job;
  private final long intervalNanos;
  private final Map<String, Object> seen = new HashMap<>();
  private long asked = System.nanoTime();

  /**
   * @param interval how often the cluster is asked at most
   */
  FollowedJob(JobClient job, Duration interval) {
    this.job = job;
    this.intervalNanos = interval.toNanos();
    this.asked -= intervalNanos;
  }

  /**
   * Waits for the end of the job.
   *
   * @throws Exception what made it fail
   */
  void await(
      Function<Map<String, Object>, Progress.State> progress, PrintWriter err, boolean redraw)
      throws Exception {
    try (Progress shown = Progress.watch(() -> progress.apply(latest()), err, redraw)) {
      try {
        JobExecutionResult result = job.getJobExecutionResult().get();
        shown.update(progress.apply(with(result.getAllAccumulatorResults())));
      } catch (ExecutionException | InterruptedException e) {
        shown.abandon();
        throw e;
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private Map<String, Object> latest() {
    if (System.nanoTime() - asked < intervalNanos) {
      return with(Map.of());
    }
    asked = System.nanoTime();
    return with(accumulators());
  }

  private synchronized Map<String, Object> with(Map<String, Object> now) {
    now.forEach((name, value) -> seen.merge(name, value, FollowedJob::larger));
    return Map.copyOf(seen);
  }

  private static Object larger(Object old, Object value) {
    return old instanceof Long before && value instanceof Long after && before > after
        ? old
        : value;
  }

  private Map<String, Object> accumulators() {
    try {
      return job.getAccumulators().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Map.of();
    } catch (ExecutionException | IllegalStateException e) {
      LOG.debug("No accumulators", e);
      return Map.of();
    }
  }
}
