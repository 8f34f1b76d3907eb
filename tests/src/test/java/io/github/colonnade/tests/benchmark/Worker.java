package io.github.colonnade.tests.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A process that partitions the blocks of a file whenever it is asked to: {@link ComparisonWorker},
 * or {@code tests/comparison/published.py}. BLAS has one thread in it.
 */
final class Worker implements AutoCloseable {

  private final Process process;
  private final BufferedReader lines;
  private final ObjectMapper json = new ObjectMapper();
  private final double startSeconds;
  private final double loadSeconds;

  /**
   * One pass.
   *
   * @param peakBytes of the process so far
   * @param clusters positions, in the order in which clusters were found
   * @param sharedDirections one for each cluster, −1 where the strategy has no opinion; empty if it
   *     never has
   */
  record Pass(
      double prepareSeconds,
      double partitionSeconds,
      long peakBytes,
      List<int[]> clusters,
      int[] sharedDirections) {}

  private Worker(Process process) throws IOException {
    this.process = process;
    this.lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    Stopwatch watch = new Stopwatch();
    next();
    this.startSeconds = watch.wallSeconds();
    next();
    this.loadSeconds = watch.wallSeconds() - startSeconds;
  }

  /** Starts a process and waits until it has read its blocks. */
  static Worker start(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("OMP_NUM_THREADS", "1");
    builder.environment().put("OPENBLAS_NUM_THREADS", "1");
    return new Worker(builder.start());
  }

  private JsonNode next() throws IOException {
    String line = lines.readLine();
    if (line == null) {
      throw new IOException(
          process.info().commandLine().orElse("the process")
              + " ended without an answer; what it said stands above");
    }
    return json.readTree(line);
  }

  /** From the start of the process until it could begin to read. */
  double startSeconds() {
    return startSeconds;
  }

  /** How long it read the blocks. */
  double loadSeconds() {
    return loadSeconds;
  }

  Pass run() throws IOException {
    process.getOutputStream().write('\n');
    process.getOutputStream().flush();
    JsonNode answer = next();
    List<int[]> clusters = new ArrayList<>();
    answer.get("clusters").forEach(each -> clusters.add(integers(each)));
    return new Pass(
        answer.get("prepareSeconds").asDouble(),
        answer.get("partitionSeconds").asDouble(),
        answer.get("peakBytes").asLong(),
        clusters,
        integers(answer.path("sharedDirections")));
  }

  private static int[] integers(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    lines.close();
    process.destroy();
  }
}
