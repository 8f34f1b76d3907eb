package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.console.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs on a cluster of other processes. A job completes its output itself, so that it does not
 * matter whether this program still lives.
 */
final class RemoteCluster implements Cluster {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteCluster.class);

  /** How often progress is asked for: every question opens a connection. */
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /** How long to wait for a job that is cancelled, in milliseconds. */
  private static final long CANCEL_MILLIS = 30_000;

  private static final long POLL_MILLIS = 200;

  private final Supplier<StreamExecutionEnvironment> environments;
  private final boolean attached;
  private final String shown;
  private @Nullable JobClient waitedFor;

  /**
   * @param environments each for one job
   * @param attached whether to wait for jobs
   * @param shown the cluster as the user knows it
   */
  RemoteCluster(Supplier<StreamExecutionEnvironment> environments, boolean attached, String shown) {
    this.environments = environments;
    this.attached = attached;
    this.shown = shown;
  }

  @Override
  public StreamExecutionEnvironment environment() {
    return environments.get();
  }

  @Override
  public Outcome run(
      StreamExecutionEnvironment env,
      String name,
      Function<Map<String, Object>, Progress.State> progress,
      PrintWriter err,
      boolean redraw)
      throws Exception {
    JobClient job = env.executeAsync(name);
    err.println("  job " + job.getJobID() + " on " + shown);
    err.flush();
    if (!attached) {
      return Outcome.SUBMITTED;
    }
    waitedFor = job;
    new FollowedJob(job, INTERVAL).await(progress, err, redraw);
    waitedFor = null;
    return Outcome.FINISHED;
  }

  /** A job that failed has ended already; what is still waited for was given up by this program. */
  @Override
  public void close() {
    JobClient job = waitedFor;
    if (job == null) {
      return;
    }
    waitedFor = null;
    boolean interrupted = Thread.interrupted();
    try {
      if (!job.getJobStatus().get(CANCEL_MILLIS, TimeUnit.MILLISECONDS).isGloballyTerminalState()) {
        job.cancel().get(CANCEL_MILLIS, TimeUnit.MILLISECONDS);
        for (long left = CANCEL_MILLIS; left > 0; left -= POLL_MILLIS) {
          if (job.getJobStatus()
              .get(CANCEL_MILLIS, TimeUnit.MILLISECONDS)
              .isGloballyTerminalState()) {
            break;
          }
          TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Job {} could not be cancelled", job.getJobID(), e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
