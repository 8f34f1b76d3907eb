package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.console.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs bounded jobs in this process, with one task slot for each degree of parallelism. */
public final class EmbeddedCluster {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedCluster.class);

  /** Every subtask has buffers for every other; this serves up to some hundred of them. */
  private static final int NETWORK_MEBIBYTES_PER_SUBTASK = 8;

  /** How long an interrupted run waits for its job before it cleans up, in milliseconds. */
  private static final long CANCEL_MILLIS = 5000;

  private EmbeddedCluster() {}

  /**
   * An environment for one bounded job.
   *
   * <p>Nothing is retried: in one process a failure is a fault of the input or of the program, and
   * trying again would only delay its message.
   */
  public static StreamExecutionEnvironment environment(int parallelism) {
    Configuration configuration = new Configuration();
    configuration.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
    configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, parallelism);
    configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(32));
    MemorySize network =
        MemorySize.ofMebiBytes(Math.max(64, NETWORK_MEBIBYTES_PER_SUBTASK * parallelism));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, network);
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, network);
    configuration.set(RestOptions.BIND_PORT, "0");
    // Accumulators come with heartbeats, and progress is shown from them.
    configuration.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofMillis(250));
    FileSystem.initialize(configuration, null);
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
    env.getConfig().enableObjectReuse();
    return env;
  }

  /**
   * Runs the job that was built in the environment and waits for its end.
   *
   * @param progress from the job's accumulators to what is shown
   * @param err where progress is shown
   * @param redraw whether {@code err} is a terminal
   */
  public static void run(
      StreamExecutionEnvironment env,
      String name,
      Function<Map<String, Object>, Progress.State> progress,
      PrintWriter err,
      boolean redraw)
      throws Exception {
    run(env, name, progress, () -> {}, err, redraw);
  }

  /**
   * As above, and cleans up when the process is asked to end while the job runs.
   *
   * @param discard removes what the job has written so far
   */
  public static void run(
      StreamExecutionEnvironment env,
      String name,
      Function<Map<String, Object>, Progress.State> progress,
      Runnable discard,
      PrintWriter err,
      boolean redraw)
      throws Exception {
    JobClient job = env.executeAsync(name);
    Thread cancel = new Thread(() -> cancel(job, discard), "cancel");
    Runtime.getRuntime().addShutdownHook(cancel);
    Latest latest = new Latest(job);
    try (Progress shown = Progress.watch(() -> progress.apply(latest.get()), err, redraw)) {
      try {
        JobExecutionResult result = job.getJobExecutionResult().get();
        shown.update(progress.apply(latest.with(result.getAllAccumulatorResults())));
      } catch (ExecutionException | InterruptedException e) {
        shown.abandon();
        throw e;
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      try {
        Runtime.getRuntime().removeShutdownHook(cancel);
      } catch (IllegalStateException e) {
        LOG.debug("The process is ending", e);
      }
    }
  }

  private static void cancel(JobClient job, Runnable discard) {
    try {
      job.cancel().get(CANCEL_MILLIS, TimeUnit.MILLISECONDS);
      job.getJobExecutionResult().get(CANCEL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      LOG.debug("The job has ended", e);
    }
    discard.run();
  }

  /**
   * The accumulators of a job as far as they were ever seen. A task that has just ended or failed
   * is missing from them for a moment, and what is done does not become less.
   */
  private static final class Latest {
    private final JobClient job;
    private final Map<String, Object> seen = new HashMap<>();

    Latest(JobClient job) {
      this.job = job;
    }

    Map<String, Object> get() {
      return with(accumulators(job));
    }

    synchronized Map<String, Object> with(Map<String, Object> now) {
      now.forEach((name, value) -> seen.merge(name, value, Latest::larger));
      return Map.copyOf(seen);
    }

    private static Object larger(Object old, Object value) {
      return old instanceof Long before && value instanceof Long after && before > after
          ? old
          : value;
    }
  }

  private static Map<String, Object> accumulators(JobClient job) {
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
