package io.github.colonnade.jobs.flink;

import io.github.colonnade.connectors.io.RootCause;
import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.client.deployment.executors.RemoteExecutor;
import org.apache.flink.configuration.ConfigConstants;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.DefaultExecutorServiceLoader;
import org.apache.flink.runtime.rest.RestClient;
import org.apache.flink.runtime.rest.messages.ClusterOverviewHeaders;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ConfigurationException;

/** Jobs run on a session cluster, to which this program submits them through its REST endpoint. */
public final class RemoteTarget implements Target {

  /** The file that is submitted with a job. */
  public static final String JOB_JAR = "colonnade.job.jar";

  private static final int CONNECT_SECONDS = 15;
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final Configuration configuration;
  private final String jobManager;
  private final int parallelism;
  private final boolean attached;

  private RemoteTarget(
      Configuration configuration, String jobManager, int parallelism, boolean attached) {
    this.configuration = configuration;
    this.jobManager = jobManager;
    this.parallelism = parallelism;
    this.attached = attached;
  }

  /**
   * A cluster that answers.
   *
   * @param jobManager its host and the port of its REST endpoint, as {@code flink.example.org:8081}
   * @param parallelism of jobs; if there is none, as many subtasks as the cluster has task slots
   * @param attached whether to wait for jobs
   * @param slots of operators; see {@link SlotGroups}
   * @throws UsageException if nobody answers there, or the cluster has no slots
   */
  public static RemoteTarget of(
      String jobManager, OptionalInt parallelism, boolean attached, Map<String, String> slots) {
    int colon = jobManager.lastIndexOf(':');
    String host = colon < 0 ? jobManager : jobManager.substring(0, colon);
    int port = colon < 0 ? RestOptions.PORT.defaultValue() : port(jobManager, colon);
    Configuration configuration =
        FileSystems.ofFlink(System.getenv(ConfigConstants.ENV_FLINK_CONF_DIR));
    configuration.set(RestOptions.ADDRESS, host);
    configuration.set(RestOptions.PORT, port);
    configuration.set(JobManagerOptions.ADDRESS, host);
    // Otherwise who leads would be looked up, and might be of another cluster than the one named.
    configuration.set(HighAvailabilityOptions.HA_MODE, "NONE");
    configuration.set(DeploymentOptions.TARGET, RemoteExecutor.NAME);
    configuration.set(DeploymentOptions.ATTACHED, attached);
    configuration.set(PipelineOptions.JARS, List.of(jobJar()));
    SlotGroups.set(configuration, slots);
    int all = slots(configuration, host, port, jobManager);
    if (all == 0 && parallelism.isEmpty()) {
      throw new UsageException(
          jobManager
              + ": the cluster has no task slots; start TaskManagers, or give --parallelism if it"
              + " starts them when there is a job");
    }
    return new RemoteTarget(configuration, jobManager, parallelism.orElse(all), attached);
  }

  private static int port(String jobManager, int colon) {
    try {
      int port = Integer.parseInt(jobManager.substring(colon + 1));
      if (port > 0 && port <= 65_535 && colon > 0) {
        return port;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new UsageException(
        "--jobmanager: expected HOST:PORT, as localhost:8081, got " + jobManager);
  }

  /** The URL of the jar that the cluster loads the job from. */
  private static String jobJar() {
    String given = System.getProperty(JOB_JAR, "");
    Path jar = given.isEmpty() ? ownJar() : Path.of(given);
    if (!Files.isRegularFile(jar)) {
      throw new UsageException(
          jar
              + ": the jar that a cluster loads the job from is not there; build it (mvn -pl jobs"
              + " -am -DskipTests package), or name it with -D"
              + JOB_JAR);
    }
    return jar.toUri().toString();
  }

  private static Path ownJar() {
    try {
      return Path.of(
          RemoteTarget.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int slots(Configuration configuration, String host, int port, String jobManager) {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      RestClient client = new RestClient(configuration, executor);
      try {
        return client
            .sendRequest(host, port, ClusterOverviewHeaders.getInstance())
            .get(CONNECT_SECONDS, TimeUnit.SECONDS)
            .getNumSlotsTotal();
      } finally {
        client.shutdown(CLOSE);
      }
    } catch (ExecutionException | TimeoutException | IOException | ConfigurationException e) {
      throw unreachable(jobManager, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unreachable(jobManager, e);
    } finally {
      executor.shutdown();
    }
  }

  private static UsageException unreachable(String jobManager, Throwable cause) {
    Throwable root = RootCause.of(cause);
    String reason =
        root instanceof TimeoutException
            ? "no answer in " + CONNECT_SECONDS + " seconds"
            : String.valueOf(root.getMessage());
    return new UsageException(
        jobManager
            + ": no JobManager answers there: "
            + reason
            + "; --jobmanager takes the host and port of its REST endpoint",
        cause);
  }

  @Override
  public int parallelism() {
    return parallelism;
  }

  @Override
  public boolean isAttached() {
    return attached;
  }

  @Override
  public boolean isLocal() {
    return false;
  }

  @Override
  public Cluster bounded() {
    Configuration job = JobConfiguration.bounded();
    JobConfiguration.restart(job);
    return cluster(job);
  }

  @Override
  public Cluster streaming(String checkpoints, Duration interval, Optional<String> from) {
    return cluster(JobConfiguration.streaming(checkpoints, interval, from));
  }

  private Cluster cluster(Configuration job) {
    Configuration all = new Configuration(configuration);
    all.addAll(job);
    all.set(CoreOptions.DEFAULT_PARALLELISM, parallelism);
    return new RemoteCluster(
        () ->
            new StreamExecutionEnvironment(
                new DefaultExecutorServiceLoader(), all, RemoteTarget.class.getClassLoader()),
        attached,
        jobManager);
  }
}
