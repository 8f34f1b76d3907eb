package io.github.colonnade.jobs.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.source.BatchLimits;
import io.github.colonnade.connectors.source.WatchSettings;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.flink.EmbeddedCluster;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.HookedFileSystem;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.deployment.executors.PipelineExecutorUtils;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that is lost at any moment changes nothing in the result. */
class StreamFaultsIT {

  /** How many runs lose a worker; more of them in the profile for faults. */
  private static final int RUNS = Integer.getInteger("colonnade.fault.runs", 3);

  private static final int PARALLELISM = 2;
  private static final long SEED = 20_261_129;

  @TempDir private Path directory;

  private int restarted;

  private final AtomicInteger opened = new AtomicInteger();

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(directory.resolve("in"));
    Kind[] kinds = {Kind.SHARED, Kind.NOISY, Kind.SOME, Kind.VECTOR, Kind.TALL, Kind.ZERO};
    for (int i = 0; i < 24; i++) {
      Tensor.write(
          directory.resolve("in/part-" + i + ".safetensors"),
          TestCollections.of(
              List.of(kinds[i % kinds.length], Kind.SHARED, i == 7 ? Kind.NAN : Kind.NOISY),
              List.of("F32"),
              i));
    }
    Files.writeString(directory.resolve("in/broken.npy"), "not an array");
  }

  @AfterEach
  void unhook() {
    HookedFileSystem.setHook(path -> {});
  }

  @Test
  void aLostWorkerChangesNothing() throws Exception {
    HookedFileSystem.setHook(
        path -> {
          if (isWork(path)) {
            opened.incrementAndGet();
          }
        });
    Manifest undisturbed = run("undisturbed", Optional.empty());
    assertEquals(72, undisturbed.blocks().size() + 1);
    assertEquals(2, undisturbed.rejected().size());
    int files = opened.get();
    assertTrue(files > 80, "only " + files + " files were opened");
    Random random = new Random(SEED);
    for (int i = 0; i < RUNS; i++) {
      int at = 1 + random.nextInt(files);
      Manifest disturbed = run("disturbed-" + i, Optional.of(at));
      String when = "worker lost at file " + at + " of " + files;
      assertEquals(sorted(undisturbed.blocks()), sorted(disturbed.blocks()), when);
      assertEquals(sorted(undisturbed.clusters()), sorted(disturbed.clusters()), when);
      assertEquals(sorted(undisturbed.rejected()), sorted(disturbed.rejected()), when);
      assertEquals(undisturbed.totals().bytesIn(), disturbed.totals().bytesIn(), when);
      assertEquals(undisturbed.totals().numbersStored(), disturbed.totals().numbersStored(), when);
    }
    assertEquals(RUNS, restarted, "jobs that were restarted");
  }

  /** Which batches are in which segment depends on time, and names of files tell their writer. */
  private static <T> List<String> sorted(List<T> entries) {
    return entries.stream()
        .map(each -> each.toString().replaceAll("-[^-]*-\\d+\\.safetensors", ""))
        .sorted()
        .toList();
  }

  /**
   * Runs the stream to its end.
   *
   * @param loseAt a worker is lost when its tasks have opened so many files
   */
  private Manifest run(String name, Optional<Integer> loseAt) throws Exception {
    String output = "hooked:" + directory.resolve(name);
    CompressSettings settings = settings(output);
    StreamPlace place = new StreamPlace(output);
    place.begin("");
    place.own(name);
    CountDownLatch due = new CountDownLatch(1);
    CountDownLatch lost = new CountDownLatch(1);
    if (loseAt.isPresent()) {
      AtomicInteger left = new AtomicInteger(loseAt.get());
      HookedFileSystem.setHook(
          path -> {
            if (isWork(path) && left.decrementAndGet() == 0) {
              due.countDown();
              await(lost);
            }
          });
    }
    Configuration configuration =
        EmbeddedCluster.streamingConfiguration(
            PARALLELISM, place.checkpoints(), Duration.ofMillis(100), Optional.empty());
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
        Duration.ofMillis(50));
    MiniCluster cluster =
        new MiniCluster(
            new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(2)
                .setNumSlotsPerTaskManager(1)
                .build());
    try {
      cluster.start();
      StreamExecutionEnvironment env = new StreamExecutionEnvironment(configuration);
      env.setParallelism(PARALLELISM);
      StreamJob.build(
          env,
          settings,
          new WatchSettings(
              true,
              Duration.ofSeconds(1),
              Duration.ofSeconds(1),
              new BatchLimits(8, 1 << 20, Duration.ofSeconds(1), 1 << 20)),
          name);
      StreamGraph graph = PipelineExecutorUtils.getStreamGraph(env.getStreamGraph(), configuration);
      graph.serializeUserDefinedInstances();
      JobID job = cluster.submitJob(graph).get().getJobID();
      if (loseAt.isPresent()) {
        assertTrue(due.await(1, TimeUnit.MINUTES), "the job never opened so many files");
        cluster.terminateTaskManager(0).get();
        lost.countDown();
        cluster.startTaskManager();
      }
      cluster.requestJobResult(job).get().toJobExecutionResult(getClass().getClassLoader());
      restarted += wasRestarted(cluster, job) ? 1 : 0;
    } finally {
      cluster.closeAsync().get();
    }
    CompressedCollection collection = CompressedCollection.open(output);
    assertFalse(collection.isOpen());
    return collection.manifest();
  }

  /**
   * Whether a task reads an original or writes a file: the same number of times in every run. Files
   * that the enumerator opens may be opened before any worker has work.
   */
  private static boolean isWork(org.apache.flink.core.fs.Path path) {
    return Thread.currentThread().getName().contains(")#")
        && (path.getName().endsWith(".safetensors") || path.getName().endsWith(".tmp"));
  }

  /** The job cannot end before its worker is lost. */
  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static boolean wasRestarted(MiniCluster cluster, JobID job) throws Exception {
    for (AccessExecutionVertex vertex :
        cluster.getArchivedExecutionGraph(job).get().getAllExecutionVertices()) {
      if (vertex.getCurrentExecutionAttempt().getAttemptNumber() > 0) {
        return true;
      }
    }
    return false;
  }

  private CompressSettings settings(String output) {
    return new CompressSettings(
        new Input(
            List.of("hooked:" + directory.resolve("in")),
            0,
            0,
            Transpose.NEVER,
            List.of(),
            List.of(),
            false),
        new Method(Scope.BLOCK, 0, "auto", Precision.FLOAT32, StoreDtype.SOURCE, 0),
        0.1,
        new Goal.Limit(),
        new Place(output, output),
        0,
        null,
        Map.of());
  }
}
