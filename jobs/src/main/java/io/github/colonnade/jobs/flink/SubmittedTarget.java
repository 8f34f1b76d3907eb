package io.github.colonnade.jobs.flink;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.flink.client.program.StreamContextEnvironment;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Flink itself runs this program, from {@code flink run}, an upload through REST or in application
 * mode, and says where its jobs go.
 */
public final class SubmittedTarget implements Target {

  private static final String CLIENT = "org.apache.flink.client.cli.CliFrontend";

  private final StreamContextEnvironment context;
  private final int parallelism;
  private final Map<String, String> slots;

  private SubmittedTarget(
      StreamContextEnvironment context, int parallelism, Map<String, String> slots) {
    this.context = context;
    this.parallelism = parallelism;
    this.slots = Map.copyOf(slots);
  }

  /** Whether Flink runs this program. */
  public static boolean isHere() {
    return context() != null;
  }

  /**
   * Whether this process is Flink's command line, and not a JobManager, which must outlive this
   * program.
   */
  public static boolean isInClient() {
    return Callers.include(CLIENT);
  }

  /**
   * The cluster to which Flink submits.
   *
   * @param parallelism of jobs; if there is none, what Flink was told
   * @param slots of operators; see {@link SlotGroups}
   * @throws IllegalStateException if Flink does not run this program
   */
  public static SubmittedTarget of(OptionalInt parallelism, Map<String, String> slots) {
    StreamContextEnvironment context = context();
    if (context == null) {
      throw new IllegalStateException("not run by Flink");
    }
    return new SubmittedTarget(context, parallelism.orElse(context.getParallelism()), slots);
  }

  private static @Nullable StreamContextEnvironment context() {
    return StreamExecutionEnvironment.getExecutionEnvironment()
            instanceof StreamContextEnvironment found
        ? found
        : null;
  }

  /** With high availability Flink gives the job the same number each time it runs this program. */
  @Override
  public Optional<String> run() {
    return context.getConfiguration().getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID);
  }

  @Override
  public int parallelism() {
    return parallelism;
  }

  /** A JobManager does not wait for jobs: it runs them. */
  @Override
  public boolean isAttached() {
    return isInClient() && context.getConfiguration().get(DeploymentOptions.ATTACHED);
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public Cluster bounded() {
    Configuration job = JobConfiguration.bounded();
    if (!has(RestartStrategyOptions.RESTART_STRATEGY)) {
      JobConfiguration.restart(job);
    }
    return cluster(job);
  }

  @Override
  public Cluster streaming(String checkpoints, Duration interval, Optional<String> from) {
    return cluster(
        JobConfiguration.streaming(
            checkpoints,
            interval,
            has(StateRecoveryOptions.SAVEPOINT_PATH) ? Optional.empty() : from));
  }

  private boolean has(ConfigOption<String> option) {
    ReadableConfig given = context.getConfiguration();
    return given.getOptional(option).isPresent();
  }

  private Cluster cluster(Configuration job) {
    SlotGroups.set(job, slots);
    return new RemoteCluster(
        () -> {
          StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
          env.configure(job, SubmittedTarget.class.getClassLoader());
          env.setParallelism(parallelism);
          return env;
        },
        isAttached(),
        "the cluster");
  }
}
