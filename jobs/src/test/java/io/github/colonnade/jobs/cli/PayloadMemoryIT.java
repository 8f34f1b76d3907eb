package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.compress.CompressJob;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.flink.EmbeddedCluster;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.plan.Needs;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** One giant tensor slows a job down and does no more. */
class PayloadMemoryIT {
  private static final int PARALLELISM = 2;

  @TempDir private Path directory;

  @Test
  void aGiantTensorUsesTheSharesOfAllSlotsAndChangesNothing() throws Exception {
    Path input = giantAmongMany();
    long least = least(input);
    // It needs more than its slot has, and no more than both have.
    long perSlot = least * 6 / 10;
    long held = compress(input, "bounded", new PayloadLimit(perSlot));
    assertTrue(held <= PARALLELISM * perSlot, held + " of " + PARALLELISM * perSlot);
    assertTrue(held > perSlot, held + " fits one share, so this tells nothing");
    compress(input, "free", PayloadLimit.NONE);
    List<String> names = Directories.names(directory.resolve("free"));
    assertEquals(names, Directories.names(directory.resolve("bounded")));
    for (String name : names) {
      if (!name.equals(Manifest.FILE_NAME)) {
        assertArrayEquals(
            Files.readAllBytes(directory.resolve("free").resolve(name)),
            Files.readAllBytes(directory.resolve("bounded").resolve(name)),
            name);
      }
    }
  }

  @Test
  void tooLittleForTheGiantIsToldInOneLine() throws Exception {
    Path input = giantAmongMany();
    Path output = directory.resolve("out");
    Session session =
        Session.run(
            "compress",
            input.toString(),
            "--output=" + output,
            "--max-error=0.3",
            "--transpose=never",
            "--parallelism=2",
            "--payload-memory=2m");
    assertEquals(ExitCodes.USAGE, session.exitCode);
    List<String> lines =
        session.err().stream().filter(line -> line.startsWith("colonnade: ")).toList();
    assertEquals(1, lines.size(), session.err().toString());
    assertTrue(
        lines.get(0).contains("in.safetensors: giant needs ")
            && lines.get(0).contains("there are 4.0 MiB for all 2 slots; raise --payload-memory"),
        lines.get(0));
    assertFalse(Files.exists(output));
  }

  /** It would meet the giant again after every restart. */
  @Test
  void aStreamRejectsTheGiantAndDividesClusters() throws Exception {
    Manifest manifest = stream("2m");
    assertEquals(
        List.of("giant: too-large"),
        manifest.rejected().stream().map(each -> each.tensor() + ": " + each.cause()).toList());
    String reason = manifest.rejected().get(0).reason();
    assertTrue(reason.contains("in.safetensors: giant needs "), reason);
    assertTrue(reason.contains("there are 2.0 MiB; raise --payload-memory to "), reason);
    assertEquals(40, manifest.blocks().size());
    assertTrue(manifest.blocks().stream().allMatch(each -> each.cluster().isPresent()));
    int clusters = manifest.clusters().size();
    assertTrue(clusters > 1, "a cluster of all needs more");
    assertTrue(clusters < 40, "halves would have been enough");
  }

  /** To encode it takes more than to sketch it. */
  @Test
  void aStreamCopiesWhatItCannotEncode() throws Exception {
    Manifest manifest = stream("16m");
    assertEquals(List.of(), manifest.rejected());
    assertEquals(41, manifest.blocks().size());
    BlockEntry giant =
        manifest.blocks().stream().filter(each -> each.tensor().equals("giant")).findAny().get();
    assertEquals(Treatment.PASSTHROUGH, giant.treatment());
    assertTrue(giant.note().orElse("").contains("raise --payload-memory to "), giant.toString());
    assertEquals(1, manifest.clusters().size());
  }

  private Manifest stream(String memory) throws IOException {
    Path input = giantAmongAlike();
    String output = directory.resolve("streamed").toString();
    Session session =
        Session.run(
            "stream",
            input.toString(),
            "--output=" + output,
            "--max-error=0.3",
            "--transpose=never",
            "--once",
            "--parallelism=1",
            "--payload-memory=" + memory);
    assertEquals(ExitCodes.OK, session.exitCode, session.err().toString());
    Session verified = Session.run("verify", output);
    assertEquals(ExitCodes.OK, verified.exitCode, verified.err().toString());
    return CompressedCollection.open(output).manifest();
  }

  @Test
  void verifyAndReconstructKeepToItToo() throws Exception {
    Path input = giantAmongMany();
    compress(input, "out", PayloadLimit.NONE);
    String output = directory.resolve("out").toString();
    for (String command : List.of("verify", "reconstruct")) {
      List<String> arguments = new ArrayList<>(List.of(command, output, "--parallelism=2"));
      if (command.equals("reconstruct")) {
        arguments.add("--output=" + directory.resolve("dense"));
      }
      arguments.add("--payload-memory=1k");
      Session refused = Session.run(arguments.toArray(String[]::new));
      assertEquals(ExitCodes.USAGE, refused.exitCode, command);
      assertTrue(
          refused.err().stream().anyMatch(line -> line.contains("raise --payload-memory")),
          refused.err().toString());
      arguments.set(arguments.size() - 1, "--payload-memory=64m");
      Session done = Session.run(arguments.toArray(String[]::new));
      assertEquals(ExitCodes.OK, done.exitCode, done.err().toString());
    }
  }

  @Test
  void planTellsWhatToGive() throws Exception {
    Path input = giantAmongMany();
    String shown = Session.run("plan", input.toString(), "--max-error=0.3").out();
    assertTrue(shown.contains("payloads, at least"), shown);
    assertTrue(shown.contains("task off-heap"), shown);
  }

  /** The most bytes that were held in the process at a time. */
  private long compress(Path input, String name, PayloadLimit memory) throws Exception {
    Path output = directory.resolve(name);
    CompressSettings settings = settings(input).withPayloadLimit(memory);
    List<TensorInfo> tensors = TensorLister.list(settings.input().uris()).tensors();
    Files.createDirectory(output);
    AtomicLong held = new AtomicLong();
    try (EmbeddedCluster cluster = EmbeddedCluster.bounded(PARALLELISM, OptionalInt.empty())) {
      StreamExecutionEnvironment env = cluster.environment();
      String uri = output.toUri().toString();
      CompressJob.build(
          env,
          settings.withPlace(new CompressSettings.Place(uri, uri)),
          Partitions.of(tensors, settings.view(), 0));
      cluster.run(
          env,
          "compress",
          counters -> {
            held.accumulateAndGet(
                counters.get(PayloadShare.MOST_HELD) instanceof Long most ? most : 0, Math::max);
            return new Progress.State("compress", 0, 1);
          },
          new PrintWriter(new StringWriter()),
          false);
    }
    return held.get();
  }

  private static long least(Path input) throws IOException {
    CompressSettings settings = settings(input);
    List<TensorInfo> tensors = TensorLister.list(settings.input().uris()).tensors();
    RunPlan plan = settings.plan(tensors, Optional.empty(), Undecided.NOTHING);
    PayloadNeed least = Needs.payloads(plan, Float.BYTES, 0);
    return least.totalBytes();
  }

  private static CompressSettings settings(Path input) throws IOException {
    InputOptions view = new InputOptions();
    new CommandLine(view).parseArgs(input.toString(), "--transpose=never");
    GoalOptions goal = new GoalOptions();
    new CommandLine(goal).parseArgs("--max-error=0.3");
    CompressionOptions compression = new CompressionOptions();
    return Compress.settings(view, compression, goal, "", 0);
  }

  private Path giantAmongMany() {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      tensors.add(noisy("small" + i, 24, 40, i));
    }
    tensors.add(20, noisy("giant", 400, 500, 99));
    return Tensor.write(directory.resolve("in.safetensors"), tensors);
  }

  /** The small ones share a basis. */
  private Path giantAmongAlike() {
    List<Tensor> tensors = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 40; i++) {
      tensors.add(noisy("small" + i, 24, 40, new Random(2), random));
    }
    tensors.add(20, noisy("giant", 400, 500, 99));
    return Tensor.write(directory.resolve("in.safetensors"), tensors);
  }

  private static Tensor noisy(String name, int rows, int columns, long seed) {
    Random random = new Random(seed);
    return noisy(name, rows, columns, random, random);
  }

  private static Tensor noisy(String name, int rows, int columns, Random basis, Random random) {
    double[] left = new double[rows];
    for (int i = 0; i < rows; i++) {
      left[i] = basis.nextGaussian();
    }
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = left[i / columns] + 0.2 * random.nextGaussian();
    }
    return Tensor.of(name, "F32", values, rows, columns);
  }
}
