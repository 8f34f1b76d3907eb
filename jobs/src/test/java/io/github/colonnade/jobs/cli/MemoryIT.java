package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.plan.Needs;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A run needs no more memory than {@code plan} says. */
class MemoryIT {
  private static final int PARALLELISM = 2;

  /** What the program tells at its end. */
  private static final Pattern PROCESS =
      Pattern.compile("process at most ([0-9.]+ .iB) \\(planned ([0-9.]+ .iB)\\)");

  @TempDir private Path directory;

  @Test
  void manySingleColumns() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tensors.add(noisy("columns" + i, 2500, 384, i));
    }
    runsInPlannedMemory(tensors, List.of("--rows=384", "--columns=1", "--max-error=0.3"));
  }

  @Test
  void blocksInManyPartitions() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      tensors.add(noisy("wide" + i, 256, 4000, i));
    }
    runsInPlannedMemory(tensors, List.of("--columns=16", "--max-error=0.5", "--partitions=16"));
  }

  @Test
  void layersOfAModel() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      tensors.add(noisy("layer" + i, 384, 1536, i));
    }
    runsInPlannedMemory(tensors, List.of("--max-error=0.1"));
  }

  /** Every try is a job, and there are about ten. */
  @Test
  void manyTries() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      tensors.add(noisy("layer" + i, 256, 960, i));
    }
    runsInPlannedMemory(tensors, List.of("--columns=64", "--target-ratio=3"));
  }

  @Test
  void oneLargeMatrix() throws Exception {
    runsInPlannedMemory(List.of(noisy("large", 1500, 2500, 5)), List.of("--max-error=0.1"));
  }

  private void runsInPlannedMemory(List<Tensor> tensors, List<String> options) throws Exception {
    Path input = Tensor.write(directory.resolve("in.safetensors"), tensors);
    Path output = directory.resolve("out");
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output=" + output, "--parallelism=" + PARALLELISM));
    arguments.addAll(options);
    String heap = (planned(input, options) >> 10) + "k";
    Process child =
        ChildProgram.builder(heap, arguments.toArray(String[]::new))
            .redirectErrorStream(true)
            .start();
    String told = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, child.waitFor(), "with -Xmx" + heap + ": " + told);
    assertEquals(0, CheckedOutput.manifest(output).rejected().size());
    Matcher process = PROCESS.matcher(told);
    assertTrue(process.find(), told);
    assertTrue(mebibytes(process.group(1)) <= mebibytes(process.group(2)), told);
  }

  private static double mebibytes(String told) {
    double number = Double.parseDouble(told.substring(0, told.indexOf(' ')));
    return told.endsWith("GiB") ? 1024 * number : number;
  }

  private static long planned(Path input, List<String> options) throws IOException {
    InputOptions view = new InputOptions();
    new CommandLine(view)
        .setUnmatchedArgumentsAllowed(true)
        .parseArgs(
            Stream.concat(Stream.of(input.toString()), options.stream()).toArray(String[]::new));
    CompressionOptions compression = new CompressionOptions();
    new CommandLine(compression)
        .setUnmatchedArgumentsAllowed(true)
        .parseArgs(options.toArray(String[]::new));
    CompressSettings settings = Compress.settings(view, compression, new GoalOptions(), "", 0);
    List<TensorInfo> tensors = TensorLister.list(settings.input().uris()).tensors();
    RunPlan plan = settings.plan(tensors, Optional.empty(), settings.undecided());
    Needs needs =
        Plan.needs(
            plan,
            Compress.partitions(settings, tensors, compression),
            compression,
            new GoalOptions(),
            PARALLELISM);
    return needs.heapBytes();
  }

  /** Low rank and noise, in float32. */
  private static Tensor noisy(String name, int rows, int columns, long seed) {
    int rank = 20;
    Random random = new Random(seed);
    double[] left = new double[rows * rank];
    double[] right = new double[rank * columns];
    for (int i = 0; i < left.length; i++) {
      left[i] = random.nextGaussian();
    }
    for (int i = 0; i < right.length; i++) {
      right[i] = random.nextGaussian();
    }
    double[] values = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int l = 0; l < rank; l++) {
        for (int j = 0; j < columns; j++) {
          values[i * columns + j] += left[i * rank + l] * right[l * columns + j];
        }
      }
    }
    for (int i = 0; i < values.length; i++) {
      values[i] += random.nextGaussian();
    }
    return Tensor.of(name, "F32", values, rows, columns);
  }
}
