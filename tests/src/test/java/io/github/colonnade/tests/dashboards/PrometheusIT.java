package io.github.colonnade.tests.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.colonnade.tests.cluster.Await;
import io.github.colonnade.tests.cluster.JavaProcess;
import io.github.colonnade.tests.cluster.Matrices;
import io.github.colonnade.tests.cluster.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real Prometheus scrapes a stream and a bounded run while they work. */
class PrometheusIT {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int STREAMED = 40;
  private static final int ROWS = 48;
  private static final int COLUMNS = 24;

  @TempDir private Path folder;

  @Test
  void everyQueryOfTheDashboardsReturnsData() throws Exception {
    assumeTrue(Prometheus.isInstalled(), "prometheus is not installed");
    int streamPort = Ports.free();
    int boundedPort = Ports.free();
    put("streamed", STREAMED);
    put("bounded", 6000);
    try (Prometheus prometheus = Prometheus.start(folder, streamPort, boundedPort)) {
      JavaProcess stream =
          start(
              "stream",
              streamPort,
              "stream",
              "streamed",
              "--idle",
              "1s",
              "--publish-every",
              "1s",
              "--every",
              "1s");
      try {
        List<Dashboard.Query> missing = new ArrayList<>();
        Dashboard.all().forEach(dashboard -> missing.addAll(dashboard.queries()));
        assertTrue(missing.size() > 60, missing.toString());
        JavaProcess bounded = compress(boundedPort, 0);
        int runs = 1;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!missing.isEmpty() && System.nanoTime() < end) {
          List<Dashboard.Query> asked = List.copyOf(missing);
          for (Dashboard.Query each : asked) {
            if (!prometheus.query(each.expression()).isEmpty()) {
              missing.remove(each);
            }
          }
          if (!bounded.isAlive()) {
            assertEquals(0, bounded.exitCode(1), bounded.err());
            bounded = compress(boundedPort, runs++);
          }
        }
        bounded.kill();
        assertEquals(List.of(), missing, prometheus.told() + stream.err());
        agreesWithWhatCameIn(prometheus, stream);
      } finally {
        stream.kill();
      }
    }
  }

  private void agreesWithWhatCameIn(Prometheus prometheus, JavaProcess stream) throws Exception {
    String ofStream = "{job_name=~\".*stream.*\"}";
    String prefix = "flink_taskmanager_job_task_operator_colonnade_";
    Await.until(
        "all is committed",
        PATIENCE,
        () ->
            prometheus.number("sum(" + prefix + "blocks_committed_total" + ofStream + ")").orElse(0)
                >= STREAMED,
        () -> prometheus.told() + text(stream));
    double numbersIn = (double) STREAMED * ROWS * COLUMNS + ROWS;
    Await.until(
        "the numbers that came in are counted",
        PATIENCE,
        () ->
            prometheus.number("sum(" + prefix + "numbers_in_total" + ofStream + ")").orElse(0)
                == numbersIn,
        () -> prometheus.told() + text(stream));
    assertEquals(
        0,
        prometheus
            .number("sum(" + prefix + "certificate_failures_total" + ofStream + ")")
            .orElse(-1));
    assertTrue(prometheus.query("ALERTS{alertname=\"ColonnadeCertificateFailure\"}").isEmpty());
    assertEquals(
        1,
        prometheus
            .number(
                "sum(flink_jobmanager_job_operator_coordinator_enumerator_colonnade_files_seen_total)")
            .orElse(-1));
  }

  private static String text(JavaProcess process) {
    try {
      return process.out() + process.err();
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void put(String input, int count) throws IOException {
    Path in = Files.createDirectories(folder.resolve(input));
    Path written = folder.resolve("written");
    Files.write(written, Matrices.file(folder, count, ROWS, COLUMNS, 5));
    Files.move(written, in.resolve("all.safetensors"), StandardCopyOption.ATOMIC_MOVE);
  }

  private JavaProcess compress(int port, int run) throws IOException {
    return start("compress" + run, port, "compress", "bounded", "--partitions", "3");
  }

  private JavaProcess start(String name, int port, String command, String input, String... options)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-Xmx512m",
                "-Dcolonnade.log=" + folder.resolve(name + ".log"),
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.colonnade.jobs.cli.Colonnade",
                command,
                folder.resolve(input).toString(),
                "--output",
                folder.resolve(name + "-out").toString(),
                "--max-error",
                "0.1",
                "--metrics-port",
                String.valueOf(port)));
    arguments.addAll(List.of(options));
    return JavaProcess.start(name, folder, Map.of("OPENBLAS_NUM_THREADS", "1"), arguments);
  }
}
