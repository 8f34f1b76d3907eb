package io.github.colonnade.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.tests.store.S3Proxy;
import io.github.colonnade.tests.store.TroubledNetwork;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A session cluster whose data are in an object store. The programs that submit reach the store as
 * it is, JobManagers and TaskManagers through networks of their own.
 */
final class Session implements AutoCloseable {
  static final Duration PATIENCE = FlinkCluster.PATIENCE;
  private static final long PATIENCE_SECONDS = PATIENCE.toSeconds();
  private static final String BUCKET = "data";

  private final S3Proxy store;
  private final TroubledNetwork ofJobManagers;
  private final TroubledNetwork ofTaskManagers;
  private final FlinkCluster cluster;

  /**
   * A store that is started, and a cluster that is not.
   *
   * @param name of the folder for all files
   */
  Session(String name) throws IOException {
    cluster = new FlinkCluster(name);
    store = S3Proxy.start(cluster.folder());
    store.makeBucket(BUCKET);
    ofJobManagers = new TroubledNetwork(store.endpoint());
    ofTaskManagers = new TroubledNetwork(store.endpoint());
    cluster.withStore(store.endpoint(), ofJobManagers.endpoint(), ofTaskManagers.endpoint());
  }

  FlinkCluster cluster() {
    return cluster;
  }

  TroubledNetwork networkOfJobManagers() {
    return ofJobManagers;
  }

  TroubledNetwork networkOfTaskManagers() {
    return ofTaskManagers;
  }

  /** Puts input below a prefix: some files of matrices. */
  void putMatrices(String prefix, int files, int matrices, int rows, int columns)
      throws IOException {
    for (int i = 0; i < files; i++) {
      putFile(prefix, i, matrices, rows, columns);
    }
  }

  /** Puts one more file of matrices. */
  void putFile(String prefix, int number, int matrices, int rows, int columns) throws IOException {
    store.put(
        BUCKET,
        prefix + "/part-" + number + ".safetensors",
        Matrices.file(cluster.folder(), matrices, rows, columns, number));
  }

  StoredOutput output(String name) {
    return StoredOutput.inStore(store, BUCKET, name);
  }

  /** Runs a command in one process, without the cluster. */
  void runEmbedded(String... command) throws Exception {
    succeeds(cluster.embedded(command));
  }

  /** Waits for the end of a program that must succeed, and returns what it told. */
  String succeeds(JavaProcess program) throws Exception {
    int exitCode = program.exitCode(PATIENCE_SECONDS);
    assertEquals(0, exitCode, () -> told(program));
    return program.out();
  }

  /** Waits for the end of a program that must find a mistake of its user, told in one line. */
  void refuses(String reason, JavaProcess program) throws Exception {
    int exitCode = program.exitCode(PATIENCE_SECONDS);
    assertEquals(2, exitCode, () -> told(program));
    List<String> lines = program.err().lines().toList();
    assertEquals(1, lines.size(), () -> told(program));
    assertTrue(lines.get(0).contains(reason), () -> told(program));
  }

  private static String told(JavaProcess program) {
    try {
      return program.name() + ": " + program.out() + program.err();
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The newest job, empty if there is none. */
  String newestJob() throws IOException {
    return cluster.rest().newestJob().orElse("");
  }

  void awaitState(String job, String state) throws Exception {
    cluster.awaitState(job, state);
  }

  Path folder() {
    return cluster.folder();
  }

  @Override
  public void close() throws IOException {
    cluster.close();
    ofJobManagers.close();
    ofTaskManagers.close();
    store.kill();
  }
}
