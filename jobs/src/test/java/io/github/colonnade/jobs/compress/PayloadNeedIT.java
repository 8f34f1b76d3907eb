package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.metrics.EncodeMeters;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What blocks are said to need is what a process takes for them, and not much less where they are
 * encoded at a rank so large that nearly all vectors are found.
 */
class PayloadNeedIT {
  private static final Path PEAK_RESET = Path.of("/proc/self/clear_refs");
  private static final long MIB = 1L << 20;

  /** Code, thread stacks and caches of the allocator, which grow as the work goes on. */
  private static final long ALLOWANCE = 40 * MIB;

  private static final Pattern TOLD = Pattern.compile("took (\\d+) of (\\d+)");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "sketch, 1500, 1500, F32, FLOAT32, 0.5",
    "sketch, 600, 3600, F32, FLOAT32, 0.3",
    "sketch, 3000, 700, F64, FLOAT64, 0.2",
    "encode, 1400, 1400, F32, FLOAT32, 0.05",
    "encode, 700, 2000, F64, FLOAT64, 0.05"
  })
  void theProcessTakesWhatIsTold(
      String stage, int rows, int columns, String dtype, Precision precision, double limit)
      throws Exception {
    assumeTrue(Files.isWritable(PEAK_RESET));
    Random random = new Random(7);
    double[] values = new double[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % columns % 20 + random.nextGaussian();
    }
    Path file =
        Tensor.write(
            directory.resolve("in.safetensors"),
            List.of(Tensor.of("t", dtype, values, rows, columns)));
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    CompressSettings settings = settings(file, directory, precision, limit);
    PayloadNeed sketch = sketchNeed(settings, tensor(file));
    // What is told of the heap has to be enough of it, beside what the program takes itself.
    String heap = (64 * MIB + heap(settings, sketch, rows, columns)) / MIB + "m";
    // All of the heap is resident from the beginning, so that the rest shows.
    command.addAll(List.of("-Xmx" + heap, "-Xms" + heap, "-XX:+AlwaysPreTouch"));
    command.addAll(List.of("-XX:+UseParallelGC", "-XX:TieredStopAtLevel=1"));
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Probe.class.getName()));
    command.addAll(
        List.of(
            stage,
            file.toString(),
            directory.toString(),
            precision.name(),
            Double.toString(limit)));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    Process child = builder.redirectOutput(directory.resolve("log").toFile()).start();
    assertEquals(0, child.waitFor(), Files.readString(directory.resolve("log")));
    String told = Files.readString(directory.resolve("log"), StandardCharsets.UTF_8);
    Matcher matcher = TOLD.matcher(told);
    assertTrue(matcher.find(), told);
    long took = Long.parseLong(matcher.group(1));
    long expected = Long.parseLong(matcher.group(2));
    assertTrue(took <= expected + ALLOWANCE, matcher.group());
    assertTrue(expected <= 2 * took + ALLOWANCE, matcher.group());
  }

  private static long heap(CompressSettings settings, PayloadNeed sketch, int rows, int columns) {
    long numbers = (long) rows * columns;
    return sketch
        .max(
            PayloadNeed.encode(
                numbers,
                numbers,
                Math.min(rows, columns),
                1,
                numbers * settings.productPrecision().sizeBytes()))
        .heapBytes();
  }

  private static TensorInfo tensor(Path file) throws IOException {
    return TensorLister.list(List.of(file.toString())).tensors().get(0);
  }

  private static BlockRef block(CompressSettings settings, TensorInfo tensor) {
    return ((TensorPlan.Blocks) settings.view().plan(tensor)).blocks().get(0);
  }

  private static PayloadNeed sketchNeed(CompressSettings settings, TensorInfo tensor) {
    BlockRef block = block(settings, tensor);
    int bytes = settings.productPrecision().sizeBytes();
    return PayloadNeed.sketch(
        block.rows(),
        block.columns(),
        block.elements(),
        RunPlan.sketchNumbers(List.of(block)),
        1,
        bytes,
        bytes);
  }

  private static CompressSettings settings(
      Path file, Path directory, Precision precision, double limit) {
    String place = directory.toUri().toString();
    return new CompressSettings(
        new CompressSettings.Input(
            List.of(file.toUri().toString()), 0, 0, Transpose.NEVER, List.of(), List.of(), false),
        new CompressSettings.Method(Scope.BLOCK, 0, "auto", precision, StoreDtype.SOURCE, 0),
        limit,
        new Goal.Limit(),
        new CompressSettings.Place(place, place),
        0,
        null,
        Map.of());
  }

  /** Sketches and encodes the tensor of a file, and tells how the process grew meanwhile. */
  static final class Probe {
    private Probe() {}

    public static void main(String[] arguments) throws IOException {
      Path file = Path.of(arguments[1]);
      Path directory = Path.of(arguments[2]);
      CompressSettings settings =
          settings(
              file, directory, Precision.valueOf(arguments[3]), Double.parseDouble(arguments[4]));
      LinearAlgebra la = new Nd4jLinearAlgebra();
      try (Matrix small = la.fromColumns(new double[64 * 64], 64, 64)) {
        la.symmetricEigen(small).vectors().close();
        la.product(small, small).close();
      }
      if (arguments[0].equals("sketch")) {
        sketch(la, settings, tensor(file));
      } else {
        encode(la, settings, tensor(file), new org.apache.flink.core.fs.Path(directory.toUri()));
      }
    }

    private static void sketch(LinearAlgebra la, CompressSettings settings, TensorInfo tensor)
        throws IOException {
      long before = restart();
      try (TensorSketcher sketcher =
          TensorSketcher.open(la, settings, PayloadShare.unlimited(), bytes -> {})) {
        sketcher.sketch(0, tensor, StageTimes.none());
      }
      tell(before, sketchNeed(settings, tensor));
    }

    private static void encode(
        LinearAlgebra la,
        CompressSettings settings,
        TensorInfo tensor,
        org.apache.flink.core.fs.Path place)
        throws IOException {
      BlockRef block = block(settings, tensor);
      BlockValues values = new BlockReader(ElementType.DOUBLE).read(block);
      int exponent = Math.getExponent(values.maxAbs()) + 1;
      MemberTask member =
          new MemberTask(
              0, 0, block, exponent, OptionalInt.empty(), values.sha256(), block.elements());
      ClusterTask task =
          new ClusterTask(
              "c",
              List.of(member),
              new double[0],
              0,
              Integer.MAX_VALUE,
              OptionalInt.empty(),
              OptionalDouble.empty(),
              Optional.empty());
      ClusterNeed need = ClusterNeed.of(task, BlockWeights.none(la), 0, tensor.dtype().sizeBytes());
      long before = restart();
      try (FileEncoder encoder =
          FileEncoder.open(
              la,
              settings,
              PayloadShare.unlimited(),
              new EncodeMeters(Meters.none()),
              bytes -> {})) {
        encoder.write(
            new EncodeTask("x.safetensors", List.of(task), List.of(), StageTimes.none()),
            place,
            place);
      }
      tell(before, need.keeping());
    }

    /** Forgets how large the process was; its size now. */
    private static long restart() throws IOException {
      System.gc();
      Files.writeString(PEAK_RESET, "5");
      return kibibytes("VmRSS");
    }

    private static void tell(long before, PayloadNeed need) throws IOException {
      long took = kibibytes("VmHWM") - before;
      System.out.println("took " + took * 1024 + " of " + need.nativeBytes());
    }

    private static long kibibytes(String what) throws IOException {
      return Files.readAllLines(new File("/proc/self/status").toPath()).stream()
          .filter(line -> line.startsWith(what))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
