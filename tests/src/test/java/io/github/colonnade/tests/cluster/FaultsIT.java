package io.github.colonnade.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.colonnade.tests.store.HeldRequests;
import io.github.colonnade.tests.store.TroubledNetwork.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Processes that are killed and storage that goes away change nothing in the result. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultsIT {
  private static final String RUNS = "colonnade.fault.runs";

  /** As in the profile for faults. */
  private static final String MANY = "\\d{2,}";

  private static final boolean LONG = System.getProperty(RUNS, "").matches(MANY);

  /** How long the storage is away, at least. */
  private static final Duration AWAY = LONG ? Duration.ofMinutes(1) : Duration.ZERO;

  /** Where a job is when it is disturbed: while a request of that phase waits in the network. */
  private enum Phase {
    SKETCH("list", "GET /data/in/.*"),
    ENCODE("encode", "(PUT|POST) /data/%s/[^/]*\\.safetensors.*"),
    COMMIT("commit", "(PUT|POST) /data/%s/manifest\\.json.*"),
    /** The manifest is there, and nobody knows yet. */
    COMMITTED("commit", "POST /data/%s/manifest\\.json\\?uploadId.*");

    final String operator;
    final String request;

    Phase(String operator, String request) {
      this.operator = operator;
      this.request = request;
    }

    HeldRequests hold(Session session, String output) {
      String line = String.format(request, output);
      return this == COMMITTED
          ? session.networkOfTaskManagers().holdAnswers(line)
          : session.networkOfTaskManagers().hold(line);
    }
  }

  private Session session;
  private FlinkCluster cluster;
  private Rest rest;
  private ZooKeeper zooKeeper;
  private JavaProcess jobManager;
  private String jar;

  @BeforeAll
  void start() throws Exception {
    session = new Session("faults");
    cluster = session.cluster();
    rest = cluster.rest();
    zooKeeper = ZooKeeper.start(session.folder().resolve("zookeeper"));
    cluster
        .with("high-availability.type", "zookeeper")
        .with("high-availability.zookeeper.quorum", zooKeeper.quorum())
        .with("high-availability.zookeeper.client.session-timeout", "5s")
        .with("high-availability.storageDir", session.folder().resolve("ha").toUri().toString())
        .with("s3.attempts.maximum", "2")
        .with("s3.retry.limit", "2");
    jobManager = cluster.startJobManager();
    cluster.startTaskManagers(2);
    session.putMatrices("in", 3, 12, 24, 16);
    session.putMatrices("large", 1, 6, 64, 250);
    jar = rest.upload(Distribution.jobJar());
    session.awaitState(rest.run(jar, compress("in", "undisturbed")), "FINISHED");
  }

  @AfterAll
  void end() throws Exception {
    session.close();
    zooKeeper.kill();
  }

  private static List<String> compress(String input, String output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "compress",
                "s3://data/" + input,
                "--output",
                "s3://data/" + output,
                "--max-error=0.1",
                "--parallelism=2"));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** Kills the TaskManager on which an operator runs, and starts another. */
  private void replace(String job, String operator) throws Exception {
    cluster.taskManager(awaitWorkers(job, operator).get(0)).kill();
    cluster.startTaskManager();
  }

  /** The JobManager learns that a task runs after the task has begun. */
  private List<String> awaitWorkers(String job, String operator) throws Exception {
    List<String> workers = new ArrayList<>();
    Await.until(
        operator + " runs",
        Session.PATIENCE,
        () -> workers.addAll(rest.workers(job, operator)),
        () -> rest.tasks(job));
    return workers;
  }

  /** Waits for the end of a job that must have been started again. */
  private void awaitDisturbedEnd(String job) throws Exception {
    session.awaitState(job, "FINISHED");
    assertTrue(rest.restarts(job) > 0, "it was not disturbed");
  }

  /** All of them, or where most is done already. */
  private static Stream<Phase> phasesOfTaskManagers() {
    return LONG ? Stream.of(Phase.values()) : Stream.of(Phase.ENCODE, Phase.COMMITTED);
  }

  private static Stream<Phase> phasesOfJobManagers() {
    return LONG ? Stream.of(Phase.ENCODE, Phase.COMMITTED) : Stream.of(Phase.COMMITTED);
  }

  @ParameterizedTest
  @MethodSource("phasesOfTaskManagers")
  void aTaskManagerIsKilled(Phase phase) throws Exception {
    String name = phase.name().toLowerCase(Locale.ROOT);
    StoredOutput output = session.output(name);
    Watcher.during(
        output,
        () -> {
          HeldRequests held = phase.hold(session, name);
          String job = rest.run(jar, compress("in", name));
          held.awaitOne(60);
          if (phase == Phase.COMMITTED) {
            Await.until("it is published", Session.PATIENCE, output::isPublished, () -> "");
          } else {
            assertFalse(output.isPublished());
          }
          replace(job, phase.operator);
          held.drop();
          awaitDisturbedEnd(job);
        });
    output.requireSame(session.output("undisturbed"));
  }

  /** Only the JobManager reads then, for a task that waits; the client has read before. */
  @Test
  @EnabledIfSystemProperty(named = RUNS, matches = MANY)
  void aTaskManagerIsKilledDuringList() throws Exception {
    StoredOutput output = session.output("list");
    HeldRequests held = session.networkOfJobManagers().hold("GET /data/in/.*");
    JavaProcess client =
        cluster.flinkRun(List.of("--detached"), compress("in", "list").toArray(String[]::new));
    held.awaitOne(60);
    String job = session.newestJob();
    session.succeeds(client);
    replace(job, "list");
    held.pass();
    awaitDisturbedEnd(job);
    output.requireSame(session.output("undisturbed"));
  }

  /** It neither reads nor writes then, so the process is stopped when it is seen to work. */
  @Test
  @EnabledIfSystemProperty(named = RUNS, matches = MANY)
  void aTaskManagerIsKilledDuringPartition() throws Exception {
    // Each column is a block.
    List<String> undisturbed = compress("large", "large-undisturbed", "--columns=1");
    session.awaitState(rest.run(jar, undisturbed), "FINISHED");
    StoredOutput output = session.output("partition");
    String job = rest.run(jar, compress("large", "partition", "--columns=1"));
    List<String> workers = awaitWorkers(job, "partition");
    JavaProcess worker = cluster.taskManager(workers.get(0));
    worker.suspend();
    assertEquals(workers, rest.workers(job, "partition"), "it has ended before it was stopped");
    worker.kill();
    cluster.startTaskManager();
    awaitDisturbedEnd(job);
    output.requireSame(session.output("large-undisturbed"));
  }

  @ParameterizedTest
  @MethodSource("phasesOfJobManagers")
  void theJobManagerIsKilled(Phase phase) throws Exception {
    String name = "jobmanager-" + phase.name().toLowerCase(Locale.ROOT);
    StoredOutput output = session.output(name);
    Watcher.during(
        output,
        () -> {
          HeldRequests held = phase.hold(session, name);
          String job = rest.run(jar, compress("in", name));
          held.awaitOne(60);
          jobManager.kill();
          held.drop();
          jobManager = cluster.startJobManager();
          session.awaitState(job, "FINISHED");
        });
    output.requireSame(session.output("undisturbed"));
    // The new one does not know it.
    jar = rest.upload(Distribution.jobJar());
  }

  @Test
  void theStorageGoesAwayForAWhile() throws Exception {
    StoredOutput output = session.output("gone");
    Watcher.during(
        output,
        () -> {
          HeldRequests held = Phase.ENCODE.hold(session, "gone");
          String job = rest.run(jar, compress("in", "gone"));
          held.awaitOne(60);
          session.networkOfJobManagers().set(Trouble.GONE);
          session.networkOfTaskManagers().set(Trouble.GONE);
          held.drop();
          long gone = System.nanoTime();
          Await.until(
              "the job has failed twice",
              Session.PATIENCE,
              () -> rest.restarts(job) >= 2 && System.nanoTime() - gone >= AWAY.toNanos(),
              () -> "");
          session.networkOfJobManagers().set(Trouble.NONE);
          session.networkOfTaskManagers().set(Trouble.NONE);
          session.awaitState(job, "FINISHED");
        });
    output.requireSame(session.output("undisturbed"));
  }

  private static List<String> stream(String input, String output) {
    return List.of(
        "stream",
        "s3://data/" + input,
        "--output",
        output,
        "--max-error=0.1",
        "--every=200ms",
        "--idle=300ms",
        "--publish-every=300ms",
        "--parallelism=2");
  }

  /** Each tensor is in the collection once: three matrices and a vector of each file. */
  private void awaitFiles(StoredOutput output, int files) throws Exception {
    output.awaitSources(4 * files);
  }

  private void verify(StoredOutput output) throws Exception {
    String verified = session.succeeds(cluster.embedded("verify", output.uri()));
    assertTrue(verified.startsWith("verified "), verified);
  }

  @Test
  @EnabledIfSystemProperty(named = RUNS, matches = MANY)
  void aStreamLosesNothingWhenAnyProcessIsKilled() throws Exception {
    StoredOutput output = session.output("stream");
    session.putMatrices("watched", 2, 3, 16, 8);
    String job = rest.run(jar, stream("watched", output.uri()));
    awaitFiles(output, 2);

    HeldRequests held = session.networkOfTaskManagers().hold("(PUT|POST) /data/stream/data/.*");
    session.putFile("watched", 2, 3, 16, 8);
    held.awaitOne(60);
    replace(job, "encode");
    held.drop();
    awaitFiles(output, 3);

    jobManager.kill();
    session.putFile("watched", 3, 3, 16, 8);
    jobManager = cluster.startJobManager();
    jar = rest.upload(Distribution.jobJar());
    awaitFiles(output, 4);
    rest.cancel(job);
    session.awaitState(job, "CANCELED");
    verify(output);
  }

  @Test
  void aStreamWaitsWhileItsDiskIsFull() throws Exception {
    Optional<SmallDisk> mounted = SmallDisk.mount(session.folder().resolve("disk"));
    assumeTrue(mounted.isPresent(), "only root may mount a small disk");
    try (SmallDisk disk = mounted.get()) {
      StoredOutput output = StoredOutput.inFolder(disk.folder().resolve("out"));
      session.putMatrices("full", 2, 3, 16, 8);
      String job = rest.run(jar, stream("full", output.uri()));
      awaitFiles(output, 2);
      disk.fill();
      session.putFile("full", 2, 3, 16, 8);
      Await.until(
          "a checkpoint has failed",
          Session.PATIENCE,
          () -> rest.failedCheckpoints(job) > 0,
          () -> "");
      disk.free();
      awaitFiles(output, 3);
      rest.cancel(job);
      session.awaitState(job, "CANCELED");
      verify(output);
    }
  }
}
