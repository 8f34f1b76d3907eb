package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.console.Progress;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.rest.ConnectionClosedException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;
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

  /** How long to wait for a job that is cancelled; a process that is to end has not much longer. */
  private static final Duration CANCELLATION = Duration.ofSeconds(10);

  private static final long POLL_MILLIS = 200;

  /** Failures to reach a cluster, or to hear from it. */
  private static final List<Class<? extends Exception>> LOST =
      List.of(ConnectException.class, TimeoutException.class, ConnectionClosedException.class);

  private final Supplier<StreamExecutionEnvironment> environments;
  private final boolean attached;
  private final String shown;
  private @Nullable JobClient waitedFor;
  private boolean mayStillRun;

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
    JobClient job = submit(env, name);
    err.println("  job " + job.getJobID() + " on " + shown);
    err.flush();
    mayStillRun = true;
    if (!attached) {
      return Outcome.SUBMITTED;
    }
    waitedFor = job;
    try {
      new FollowedJob(job, INTERVAL).await(progress, err, redraw);
    } catch (InterruptedException e) {
      // Closing sees by this that the job is to be cancelled.
      Thread.currentThread().interrupt();
      throw e;
    }
    waitedFor = null;
    mayStillRun = false;
    return Outcome.FINISHED;
  }

  /** Whether the cluster has taken a job is not known if its answer was lost. */
  private JobClient submit(StreamExecutionEnvironment env, String name) throws Exception {
    try {
      return env.executeAsync(name);
    } catch (Exception e) {
      mayStillRun =
          LOST.stream().anyMatch(type -> ExceptionUtils.findThrowable(e, type).isPresent());
      throw e;
    }
  }

  @Override
  public boolean mayStillRun() {
    return mayStillRun;
  }

  /** Only who was asked to end gives up a job; one whose cluster does not answer goes on. */
  @Override
  public void close() {
    JobClient job = waitedFor;
    if (job == null) {
      return;
    }
    waitedFor = null;
    boolean interrupted = Thread.interrupted();
    long end = System.nanoTime() + CANCELLATION.toNanos();
    try {
      if (interrupted && !hasEnded(job, end)) {
        job.cancel().get(left(end), TimeUnit.NANOSECONDS);
      }
      while (!hasEnded(job, end) && interrupted) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("It is not known how job {} has ended", job.getJobID(), e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasEnded(JobClient job, long end)
      throws InterruptedException, ExecutionException, TimeoutException {
    boolean ended =
        job.getJobStatus().get(left(end), TimeUnit.NANOSECONDS).isGloballyTerminalState();
    mayStillRun = !ended;
    return ended;
  }

  private static long left(long end) throws TimeoutException {
    long left = end - System.nanoTime();
    if (left <= 0) {
      throw new TimeoutException("no end in " + CANCELLATION.toSeconds() + " seconds");
    }
    return left;
  }
}
