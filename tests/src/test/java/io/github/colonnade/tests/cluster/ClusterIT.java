package io.github.colonnade.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.tests.store.HeldRequests;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A job on a cluster does what it does in one process, however it was submitted. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterIT {
  private static final String INPUT = "s3://data/in";

  private Session session;
  private FlinkCluster cluster;

  @BeforeAll
  void start() throws Exception {
    session = new Session("cluster");
    cluster = session.cluster().with("taskmanager.numberOfTaskSlots", "2");
    cluster.startJobManager();
    cluster.startTaskManagers(1);
    session.putMatrices("in", 3, 12, 24, 16);
    session.runEmbedded(compress("embedded"));
    assertTrue(session.output("embedded").isPublished());
  }

  @AfterAll
  void end() throws Exception {
    session.close();
  }

  private String[] compress(String output) {
    return new String[] {
      "compress", INPUT, "--output", session.output(output).uri(), "--max-error", "0.1"
    };
  }

  private static String[] with(String[] arguments, String... more) {
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return all;
  }

  @Test
  void commandsRunOnACluster() throws Exception {
    StoredOutput output = session.output("remote");
    session.succeeds(cluster.colonnade(compress("remote")));
    output.requireSame(session.output("embedded"));

    String verified = session.succeeds(cluster.colonnade("verify", output.uri()));
    assertTrue(verified.startsWith("verified "), verified);

    StoredOutput dense = session.output("dense");
    session.succeeds(cluster.colonnade("reconstruct", output.uri(), "--output", dense.uri()));
    assertEquals(
        List.of("part-0.safetensors", "part-1.safetensors", "part-2.safetensors"), dense.files());
  }

  @Test
  void flinkRunsTheJar() throws Exception {
    session.succeeds(cluster.flinkRun(List.of(), compress("run")));
    session.output("run").requireSame(session.output("embedded"));
  }

  @Test
  void theJarIsUploaded() throws Exception {
    Rest rest = cluster.rest();
    String jar = rest.upload(Distribution.jobJar());
    String job = rest.run(jar, List.of(compress("uploaded")));
    session.awaitState(job, "FINISHED");
    session.output("uploaded").requireSame(session.output("embedded"));

    // The JobManager lives on when the program finds a mistake.
    Rest.Refused refused =
        assertThrows(Rest.Refused.class, () -> rest.run(jar, List.of(compress("uploaded"))));
    assertTrue(String.valueOf(refused.getMessage()).contains("the output is there already"));
    assertTrue(rest.answers());
  }

  @Test
  void mistakesAreToldInOneLineAndLeaveNothing() throws Exception {
    String[] mistaken = {
      "compress",
      "s3://data/elsewhere",
      "--output",
      session.output("mistaken").uri(),
      "--max-error",
      "0.1"
    };
    session.refuses("there is no such file", cluster.colonnade(mistaken));
    session.refuses("there is no such file", cluster.flinkRun(List.of(), mistaken));
    assertEquals(List.of(), session.output("mistaken").files());
  }

  @Test
  void aDetachedProgramEndsBeforeItsJob() throws Exception {
    StoredOutput output = session.output("detached");
    HeldRequests held =
        session.networkOfTaskManagers().hold("(PUT|POST) /data/detached/manifest.json.*");
    session.succeeds(cluster.colonnade(with(compress("detached"), "--detached")));
    String job = session.newestJob();
    held.awaitOne(60);
    assertFalse(output.isPublished());
    held.pass();
    session.awaitState(job, "FINISHED");
    output.requireSame(session.output("embedded"));
  }

  @Test
  void aCancelledJobPublishesNothing() throws Exception {
    HeldRequests held =
        session.networkOfTaskManagers().hold("(PUT|POST) /data/cancelled/manifest.json.*");
    session.succeeds(cluster.colonnade(with(compress("cancelled"), "--detached")));
    String job = session.newestJob();
    held.awaitOne(60);
    cluster.rest().cancel(job);
    // A task that reads from a connection hears nothing else.
    session.awaitState(job, "CANCELLING");
    held.drop();
    session.awaitState(job, "CANCELED");
    assertFalse(session.output("cancelled").isPublished());
  }

  @Test
  void aProgramThatIsEndedCancelsItsJobAndLeavesNothing() throws Exception {
    HeldRequests held =
        session.networkOfTaskManagers().hold("(PUT|POST) /data/ended/manifest.json.*");
    JavaProcess client = cluster.colonnade(compress("ended"));
    held.awaitOne(60);
    String job = session.newestJob();
    assertFalse(session.output("ended").files().isEmpty());
    client.terminate();
    session.awaitState(job, "CANCELLING");
    held.drop();
    session.awaitState(job, "CANCELED");
    assertTrue(client.exitCode(60) != 0, "it told of a success");
    assertEquals(List.of(), session.output("ended").files());
  }

  @Test
  void aStreamIsStoppedWithASavepointAndGoesOn() throws Exception {
    StoredOutput output = session.output("stream");
    String[] stream = {
      "stream",
      "s3://data/watched",
      "--output",
      output.uri(),
      "--max-error=0.1",
      "--every=200ms",
      "--idle=300ms",
      "--publish-every=300ms"
    };
    session.putMatrices("watched", 2, 3, 16, 8);
    session.succeeds(cluster.colonnade(with(stream, "--detached")));
    String first = session.newestJob();
    output.awaitSources(8);
    cluster.rest().stop(first, output.uri() + "/.stream/checkpoints/stopped");
    session.awaitState(first, "FINISHED");

    session.putFile("watched", 2, 3, 16, 8);
    session.succeeds(cluster.flinkRun(List.of("--detached"), stream));
    String second = session.newestJob();
    assertNotEquals(first, second);
    output.awaitSources(12);
    cluster.rest().cancel(second);
    session.awaitState(second, "CANCELED");
    String verified = session.succeeds(cluster.embedded("verify", output.uri()));
    assertTrue(verified.startsWith("verified "), verified);
  }
}
