package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A run needs no more heap than {@code plan} says. */
class MemoryIT {
  private static final int PARALLELISM = 2;

  @TempDir private Path directory;

  @Test
  void manySingleColumns() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tensors.add(noisy("columns" + i, 2500, 384, i));
    }
    runsInPlannedHeap(tensors, List.of("--rows=384", "--columns=1", "--max-error=0.3"));
  }

  @Test
  void blocksInManyPartitions() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      tensors.add(noisy("wide" + i, 256, 4000, i));
    }
    runsInPlannedHeap(tensors, List.of("--columns=16", "--max-error=0.5", "--partitions=16"));
  }

  @Test
  void layersOfAModel() throws Exception {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      tensors.add(noisy("layer" + i, 384, 1536, i));
    }
    runsInPlannedHeap(tensors, List.of("--max-error=0.1"));
  }

  @Test
  void oneLargeMatrix() throws Exception {
    runsInPlannedHeap(List.of(noisy("large", 1500, 2500, 5)), List.of("--max-error=0.1"));
  }

  private void runsInPlannedHeap(List<Tensor> tensors, List<String> options) throws Exception {
    Path input = Tensor.write(directory.resolve("in.safetensors"), tensors);
    Path output = directory.resolve("out");
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output=" + output, "--parallelism=" + PARALLELISM));
    arguments.addAll(options);
    String heap = (planned(input, options) >> 10) + "k";
    Process process =
        ChildProgram.builder(heap, arguments.toArray(String[]::new))
            .redirectErrorStream(true)
            .start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), "with -Xmx" + heap + ": " + told);
    assertEquals(0, CheckedOutput.manifest(output).rejected().size());
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
    RunPlan plan =
        RunPlan.of(
            settings.input().uris(),
            tensors,
            settings.view(),
            Optional.empty(),
            settings.undecided());
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
