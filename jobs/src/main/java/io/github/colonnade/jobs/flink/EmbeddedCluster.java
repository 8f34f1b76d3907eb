package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.metrics.MetricsPort;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.flink.api.dag.Pipeline;
import org.apache.flink.client.deployment.executors.PipelineExecutorUtils;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.PipelineExecutor;
import org.apache.flink.core.execution.PipelineExecutorFactory;
import org.apache.flink.core.execution.PipelineExecutorServiceLoader;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.runtime.metrics.MetricRegistryConfiguration;
import org.apache.flink.runtime.metrics.MetricRegistryImpl;
import org.apache.flink.runtime.metrics.ReporterSetup;
import org.apache.flink.runtime.metrics.filter.ReporterFilter;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.MiniClusterJobClient;
import org.apache.flink.runtime.minicluster.MiniClusterJobClient.JobFinalizationBehavior;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs in this process, one after another, with one task slot for each degree of parallelism.
 *
 * <p>All jobs share one cluster, which starts with the first: its network buffers, outside the
 * heap, are allocated once, and not for each job anew while those of the last are still there.
 */
public final class EmbeddedCluster implements Cluster {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedCluster.class);

  /** Every subtask has buffers for every other; this serves up to some hundred of them. */
  private static final int NETWORK_MEBIBYTES_PER_SUBTASK = 8;

  /** For the state of a job that goes on, as batches that are not complete. */
  private static final int STATE_MEBIBYTES_PER_SLOT = 64;

  /** For what a bounded job sorts. */
  private static final int BATCH_MEBIBYTES = 32;

  /** How long to wait for tasks that are told to end, in milliseconds. */
  private static final long CLOSE_MILLIS = 10_000;

  private final int parallelism;
  private final OptionalInt metricsPort;
  private final Configuration configuration;
  private @Nullable MiniCluster cluster;

  private EmbeddedCluster(int parallelism, OptionalInt metricsPort, Configuration configuration) {
    this.parallelism = parallelism;
    this.metricsPort = metricsPort;
    this.configuration = configuration;
  }

  /**
   * A cluster for bounded jobs that is not started yet.
   *
   * @param metricsPort where metrics are given to Prometheus, if anywhere
   */
  public static EmbeddedCluster bounded(int parallelism, OptionalInt metricsPort) {
    return new EmbeddedCluster(parallelism, metricsPort, bounded(parallelism));
  }

  /**
   * A cluster for a job that goes on, which is not started yet.
   *
   * @param metricsPort where metrics are given to Prometheus, if anywhere
   * @param directory where checkpoints go, a URI
   * @param interval between two checkpoints
   * @param from the checkpoint to go on from, a URI; it is the job's own from then on
   */
  public static EmbeddedCluster streaming(
      int parallelism,
      OptionalInt metricsPort,
      String directory,
      Duration interval,
      Optional<String> from) {
    return new EmbeddedCluster(
        parallelism, metricsPort, streamingConfiguration(parallelism, directory, interval, from));
  }

  /** How such a cluster and its jobs are configured. */
  public static Configuration streamingConfiguration(
      int parallelism, String directory, Duration interval, Optional<String> from) {
    Configuration configuration =
        cluster(parallelism, (long) STATE_MEBIBYTES_PER_SLOT * parallelism);
    configuration.addAll(JobConfiguration.streaming(directory, interval, from));
    return configuration;
  }

  /** Nothing is retried: a failure is a fault of the input or of the program. */
  private static Configuration bounded(int parallelism) {
    Configuration configuration = cluster(parallelism, BATCH_MEBIBYTES);
    configuration.addAll(JobConfiguration.bounded());
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
    return configuration;
  }

  private static Configuration cluster(int parallelism, long managedMebibytes) {
    Configuration configuration = new Configuration();
    configuration.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
    configuration.set(TaskManagerOptions.NUM_TASK_SLOTS, parallelism);
    configuration.set(
        TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(managedMebibytes));
    MemorySize network =
        MemorySize.ofMebiBytes(Math.max(64, NETWORK_MEBIBYTES_PER_SUBTASK * parallelism));
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MIN, network);
    configuration.set(TaskManagerOptions.NETWORK_MEMORY_MAX, network);
    configuration.set(RestOptions.BIND_PORT, "0");
    // Accumulators come with heartbeats, and progress is shown from them.
    configuration.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofMillis(250));
    configuration.set(DeploymentOptions.TARGET, Executors.NAME);
    configuration.set(DeploymentOptions.ATTACHED, true);
    return configuration;
  }

  @Override
  public StreamExecutionEnvironment environment() {
    StreamExecutionEnvironment env =
        new StreamExecutionEnvironment(
            new Executors(), configuration, EmbeddedCluster.class.getClassLoader());
    env.setParallelism(parallelism);
    return env;
  }

  @Override
  public Outcome run(
      StreamExecutionEnvironment env,
      String name,
      Function<Map<String, Object>, Progress.State> progress,
      PrintWriter err,
      boolean redraw)
      throws Exception {
    new FollowedJob(env.executeAsync(name), Duration.ZERO).await(progress, err, redraw);
    return Outcome.FINISHED;
  }

  @Override
  public boolean mayStillRun() {
    return false;
  }

  private MiniCluster started() throws Exception {
    if (cluster == null) {
      Optional<MetricsPort> port =
          metricsPort.isPresent()
              ? Optional.of(MetricsPort.open(metricsPort.getAsInt()))
              : Optional.empty();
      MiniCluster starting =
          new MeasuredCluster(
              port.map(EmbeddedCluster::reporter).stream().toList(),
              new MiniClusterConfiguration.Builder()
                  .setConfiguration(configuration)
                  .setNumTaskManagers(1)
                  .setNumSlotsPerTaskManager(parallelism)
                  .setRpcServiceSharing(RpcServiceSharing.SHARED)
                  .build());
      try {
        starting.start();
      } catch (Throwable e) {
        port.ifPresent(MetricsPort::close);
        throw e;
      }
      cluster = starting;
    }
    return cluster;
  }

  private static ReporterSetup reporter(MetricReporter port) {
    return new ReporterSetup(
        "metrics-port", new MetricConfig(), port, ReporterFilter.getNoOpFilter(), Map.of());
  }

  /** Gives its metrics to reporters that are open already. */
  @SuppressWarnings("try") // The warning is about what it inherits.
  private static final class MeasuredCluster extends MiniCluster {

    private final List<ReporterSetup> reporters;

    MeasuredCluster(List<ReporterSetup> reporters, MiniClusterConfiguration configuration) {
      super(configuration);
      this.reporters = reporters;
    }

    @Override
    protected MetricRegistryImpl createMetricRegistry(Configuration config, long largestMessage) {
      return new MetricRegistryImpl(
          MetricRegistryConfiguration.fromConfiguration(config, largestMessage), reporters);
    }
  }

  /**
   * Ends the cluster, and the job that runs if there is one. Waits for its tasks even if this
   * thread is interrupted, so that nothing is written afterwards.
   */
  @Override
  public void close() {
    if (cluster == null) {
      return;
    }
    CompletableFuture<Void> end = cluster.closeAsync();
    cluster = null;
    boolean interrupted = Thread.interrupted();
    try {
      end.get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The cluster has not ended as it should", e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets Flink submit jobs to this cluster. */
  private final class Executors
      implements PipelineExecutorServiceLoader, PipelineExecutorFactory, PipelineExecutor {
    static final String NAME = "colonnade-embedded";

    @Override
    public PipelineExecutorFactory getExecutorFactory(Configuration ofJob) {
      return this;
    }

    @Override
    public Stream<String> getExecutorNames() {
      return Stream.of(NAME);
    }

    @Override
    public String getName() {
      return NAME;
    }

    @Override
    public boolean isCompatibleWith(Configuration ofJob) {
      return true;
    }

    @Override
    public PipelineExecutor getExecutor(Configuration ofJob) {
      return this;
    }

    @Override
    public CompletableFuture<JobClient> execute(
        Pipeline pipeline, Configuration ofJob, ClassLoader classLoader) throws Exception {
      StreamGraph graph = PipelineExecutorUtils.getStreamGraph(pipeline, ofJob);
      graph.serializeUserDefinedInstances();
      MiniCluster running = started();
      return running
          .submitJob(graph)
          .thenApply(
              submitted ->
                  new MiniClusterJobClient(
                      submitted.getJobID(), running, classLoader, JobFinalizationBehavior.NOTHING));
    }
  }
}
