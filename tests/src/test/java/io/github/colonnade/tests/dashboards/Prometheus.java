package io.github.colonnade.tests.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.tests.cluster.Await;
import io.github.colonnade.tests.cluster.Ports;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalDouble;

/** A Prometheus in a process of its own that scrapes ports of this machine. */
final class Prometheus implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HttpClient client = HttpClient.newHttpClient();
  private final Process process;
  private final Path log;
  private final int port;

  private Prometheus(Process process, Path log, int port) {
    this.process = process;
    this.log = log;
    this.port = port;
  }

  /** Whether the programs are on the path. */
  static boolean isInstalled() {
    return isOnPath("prometheus") && isOnPath("promtool");
  }

  private static boolean isOnPath(String program) {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** Starts one with the rules of the project, which scrapes twice a second. */
  static Prometheus start(Path folder, int... ports) throws Exception {
    StringBuilder targets = new StringBuilder();
    for (int each : ports) {
      targets.append(targets.isEmpty() ? "" : ", ").append("\"127.0.0.1:").append(each).append('"');
    }
    Path rules = Dashboard.FOLDER.resolve("alerts.yml").toAbsolutePath().normalize();
    Path config = folder.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global:
          scrape_interval: 500ms
          evaluation_interval: 1s
        rule_files: ["%s"]
        scrape_configs:
          - job_name: flink
            static_configs:
              - targets: [%s]
        """
            .formatted(rules, targets));
    int port = Ports.free();
    Path log = folder.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    Prometheus prometheus = new Prometheus(process, log, port);
    Await.until("Prometheus answers", PATIENCE, prometheus::isReady, prometheus::told);
    return prometheus;
  }

  private boolean isReady() throws IOException, InterruptedException {
    if (!process.isAlive()) {
      throw new IOException("Prometheus ended: " + told());
    }
    try {
      return client.send(request("/-/ready"), BodyHandlers.discarding()).statusCode() == 200;
    } catch (ConnectException e) {
      return false;
    }
  }

  /** What it wrote to its log. */
  String told() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The series that a query gives now. */
  JsonNode query(String expression) throws IOException, InterruptedException {
    String path = "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
    JsonNode answer = JSON.readTree(client.send(request(path), BodyHandlers.ofString()).body());
    if (!answer.path("status").asText().equals("success")) {
      throw new IOException(expression + ": " + answer);
    }
    return answer.at("/data/result");
  }

  /** The one number that a query gives now, if there is any. */
  OptionalDouble number(String expression) throws IOException, InterruptedException {
    JsonNode result = query(expression);
    return result.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.parseDouble(result.get(0).at("/value/1").asText()));
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
