package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.testing.TestFiles;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.ViewOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class WatchedTensorSourceIT {

  private static final Duration INTERVAL = Duration.ofMillis(40);
  private static final BatchLimits LIMITS =
      new BatchLimits(7, 1 << 20, Duration.ofMillis(200), 4 << 20);
  private static final AtomicBoolean FAIL = new AtomicBoolean();

  @TempDir Path folder;

  /** When files were written; each a second later than the last. */
  private long clockMillis = 1_700_000_000_000L;

  /** Writes arrivals as words, and fails once after a checkpoint if that is wanted. */
  private static final class Words implements MapFunction<Arrival, String>, CheckpointListener {
    private boolean checkpointed;
    private int mapped;

    @Override
    public String map(Arrival arrival) {
      mapped++;
      if (checkpointed && mapped > 3 && FAIL.compareAndSet(true, false)) {
        throw new IllegalStateException("a failure on purpose");
      }
      if (arrival instanceof Arrival.Tensor tensor) {
        return String.join(
            " ",
            "tensor",
            batch(tensor.batch()),
            Long.toString(tensor.ordinal()),
            Long.toString(tensor.fileBytes()),
            tensor.tensor().source() + "#" + tensor.tensor().name());
      }
      if (arrival instanceof Arrival.Seal seal) {
        return String.join(" ", "seal", batch(seal.batch()), Long.toString(seal.tensors()));
      }
      Arrival.Refusal refusal = (Arrival.Refusal) arrival;
      return String.join(
          " ",
          "refusal",
          refusal.cause().name(),
          Long.toString(refusal.ordinal()),
          refusal.source(),
          refusal.reason());
    }

    private static String batch(Arrival.Batch batch) {
      return batch.rows() + "/" + batch.number();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
      checkpointed = true;
    }
  }

  private static Given run(int parallelism, boolean once, String... inputs) throws Exception {
    Configuration configuration = new Configuration();
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(1));
    StreamExecutionEnvironment env =
        StreamExecutionEnvironment.createLocalEnvironment(parallelism, configuration);
    env.enableCheckpointing(20);
    env.getConfig().enableObjectReuse();
    DataStream<String> words =
        env.fromSource(
                new WatchedTensorSource(
                    List.of(inputs),
                    MatrixView.of(ViewOptions.defaults()),
                    new WatchSettings(once, INTERVAL, Duration.ofSeconds(5), LIMITS)),
                WatermarkStrategy.noWatermarks(),
                "watch",
                TypeInformation.of(Arrival.class))
            .map(new Words())
            .returns(Types.STRING);
    return new Given(words.executeAndCollect());
  }

  private void write(String name, String dims) throws IOException {
    write(name, dims, clockMillis += 1000);
  }

  /** Writes a file with a matrix and a vector, all at once. */
  private void write(String name, String dims, long millis) throws IOException {
    int bytes =
        4
            * List.of(dims.split(",")).stream()
                .mapToInt(Integer::parseInt)
                .reduce(1, (a, b) -> a * b);
    String header =
        "{\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"m\":{\"dtype\":\"F32\",\"shape\":["
            + dims
            + "],\"data_offsets\":[8,"
            + (8 + bytes)
            + "]}}";
    writeBytes(name, TestFiles.safetensors(header, 8 + bytes), millis);
  }

  private void writeBytes(String name, byte[] bytes, long millis) throws IOException {
    Path hidden = TestFiles.write(folder.resolve(".hidden"), bytes);
    Files.setLastModifiedTime(hidden, FileTime.fromMillis(millis));
    Path file = folder.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.move(hidden, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** What a job has given so far. */
  private static final class Given implements AutoCloseable {
    private final List<String> words = new ArrayList<>();
    private final CloseableIterator<String> from;

    Given(CloseableIterator<String> from) {
      this.from = from;
    }

    boolean hasMore() {
      return from.hasNext();
    }

    @Override
    public void close() {
      try {
        from.close();
      } catch (Exception e) {
        throw new IllegalStateException("the job did not end", e);
      }
    }

    void until(BooleanSupplier enough) {
      while (!enough.getAsBoolean()) {
        words.add(from.next());
      }
    }

    private List<String[]> kind(String kind) {
      return words.stream()
          .map(word -> word.split(" ", 5))
          .filter(parts -> parts[0].equals(kind))
          .toList();
    }

    long fileBytes() {
      return kind("tensor").stream().mapToLong(parts -> Long.parseLong(parts[3])).sum();
    }

    List<String> names() {
      return kind("tensor").stream()
          .map(parts -> parts[4].substring(parts[4].lastIndexOf('/') + 1))
          .toList();
    }

    List<String> refusals() {
      return kind("refusal").stream()
          .map(parts -> parts[1] + " " + parts[3].substring(parts[3].lastIndexOf('/') + 1))
          .toList();
    }

    boolean allSealed() {
      Set<String> open = new HashSet<>();
      kind("tensor").forEach(parts -> open.add(parts[1]));
      kind("seal").forEach(parts -> open.remove(parts[1]));
      return open.isEmpty();
    }

    /** Ordinals are 0, 1, … and every batch has as many tensors as its only seal says. */
    void check() {
      List<String[]> tensors = kind("tensor");
      Set<Long> ordinals = new TreeSet<>();
      Map<String, Long> counts = new HashMap<>();
      for (String[] parts : tensors) {
        ordinals.add(Long.parseLong(parts[2]));
        counts.merge(parts[1], 1L, Long::sum);
      }
      assertEquals(tensors.size(), ordinals.size());
      assertEquals(
          IntStream.range(0, tensors.size()).mapToObj(Long::valueOf).toList(),
          List.copyOf(ordinals));
      assertEquals(tensors.size(), tensors.stream().map(parts -> parts[4]).distinct().count());
      Map<String, Long> seals = new HashMap<>();
      for (String[] parts : kind("seal")) {
        assertEquals(null, seals.put(parts[1], Long.parseLong(parts[2])), parts[1]);
      }
      assertEquals(counts, seals);
    }
  }

  @Test
  void filesThatAppearWhileItRunsAndAFailureGiveEveryTensorOnce() throws Exception {
    try (Given given = run(2, false, folder.resolve("in").toString())) {
      for (int i = 0; i < 40; i++) {
        write("in/first/" + i + ".safetensors", i % 3 == 0 ? "3,5" : "4,5");
      }
      given.until(() -> given.names().size() == 80);
      FAIL.set(true);
      for (int i = 0; i < 200; i++) {
        write("in/second/" + i + ".safetensors", "4,2");
      }
      given.until(() -> given.names().size() == 480 && given.allSealed());
      assertTrue(!FAIL.get(), "the job has not failed");
      assertEquals(List.of(), given.refusals());
      given.check();

      write("in/late.safetensors", "4,5", 1_600_000_000_000L);
      given.until(() -> given.names().contains("late.safetensors#m"));
      write("in/first/7.safetensors", "4,6");
      given.until(() -> given.refusals().contains("REWRITTEN 7.safetensors"));
      write("in/second/199.safetensors", "4,6");
      given.until(() -> given.refusals().contains("REWRITTEN 199.safetensors"));
      writeBytes("in/broken.npy", new byte[20], clockMillis += 1000);
      given.until(() -> given.refusals().contains("UNREADABLE broken.npy"));
      write("in/broken.npy", "4,5");
      given.until(() -> given.names().contains("broken.npy#v"));
      Files.delete(folder.resolve("in/first/8.safetensors"));
      write("in/last.safetensors", "9,5");
      given.until(
          () -> given.names().contains("last.safetensors#v") && given.names().size() == 486);
      given.until(given::allSealed);
      given.check();
      assertEquals(
          List.of("REWRITTEN 7.safetensors", "REWRITTEN 199.safetensors", "UNREADABLE broken.npy"),
          given.refusals());
    }
  }

  private List<String> once(int parallelism, boolean fail) throws Exception {
    FAIL.set(fail);
    try (Given given = run(parallelism, true, folder.toString())) {
      given.until(() -> !given.hasMore());
      given.check();
      long bytes = 0;
      for (int i = 0; i < 3000; i++) {
        bytes += Files.size(folder.resolve(i % 10 + "/" + i + ".safetensors"));
      }
      bytes += Files.size(folder.resolve("checkpoint/1.safetensors"));
      assertEquals(bytes, given.fileBytes());
      assertEquals(6002, given.names().size());
      assertEquals(List.of("UNREADABLE broken.mat"), given.refusals());
      assertTrue(!FAIL.get(), "the job has not failed");
      return given.words.stream().sorted().toList();
    }
  }

  @Test
  void aRunThatEndsGivesTheSameWhateverTheParallelismAndFailures() throws Exception {
    for (int i = 0; i < 3000; i++) {
      write(i % 10 + "/" + i + ".safetensors", i % 3 == 0 ? "3,5" : 2 + i % 40 + ",5");
    }
    write("checkpoint/1.safetensors", "4,4");
    write("checkpoint/not-in-the-index.safetensors", "4,4");
    writeBytes(
        "checkpoint/model.safetensors.index.json",
        "{\"weight_map\":{\"m\":\"1.safetensors\",\"v\":\"1.safetensors\"}}"
            .getBytes(StandardCharsets.UTF_8),
        clockMillis);
    writeBytes("broken.mat", new byte[200], clockMillis);
    List<String> expected = once(1, false);
    assertEquals(expected, once(3, false));
    assertEquals(expected, once(2, true));
  }

  @Test
  void aRunThatEndsNeedsItsInputs() {
    Exception e =
        assertThrows(
            Exception.class,
            () -> {
              try (Given given = run(1, true, folder.resolve("missing").toString())) {
                given.until(() -> !given.hasMore());
              }
            });
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof FormatException)) {
      cause = cause.getCause();
    }
    assertTrue(
        Objects.requireNonNull(cause.getMessage()).contains("there is no such file"),
        cause.toString());
  }

  @Test
  void anEmptyDirectoryEndsAtOnce() throws Exception {
    FAIL.set(false);
    try (Given given = run(2, true, folder.toString())) {
      assertTrue(!given.hasMore());
    }
  }
}
