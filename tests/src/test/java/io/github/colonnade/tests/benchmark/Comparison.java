package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.partition.Strategies;
import io.github.colonnade.tests.benchmark.Worker.Pass;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.roaringbitmap.RoaringBitmap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The published strategies here and in numpy, on the same files, and {@code auto} beside them.
 *
 * <p>Each side is a process that has read the blocks before; they take turns, and the first passes
 * of each do not count; the time of the very first one is told. Costs and broken limits are found
 * by {@link ExactCosts}, in this process.
 */
@Command(
    name = "comparison",
    mixinStandardHelpOptions = true,
    description = {"Compares the published strategies with the same in numpy."})
final class Comparison implements Callable<Integer> {

  /**
   * @param blocks at a share of the full size
   */
  record Data(String name, int rank, double limit, DoubleFunction<DataSet> blocks) {}

  static final List<Data> DATA =
      List.of(
          new Data("columns", 32, 0.1, Scaling::columns),
          new Data("channels", 20, 0.2, Comparison::channels));

  private static final double NOISE = 0.02;

  // Passes that do not count, since Java compiles what it runs often while it runs: so many, and
  // as many as make a second on each side.
  private static final int LEAST_WARM_UPS = 3;
  private static final int MOST_WARM_UPS = 60;

  @Option(
      names = "--data",
      split = ",",
      description = {"columns (60,000 of 384), channels (1,000 of 128×64). Default: both."})
  private List<String> dataNames = DATA.stream().map(Data::name).toList();

  @Option(
      names = "--strategies",
      split = ",",
      description = {"Default: the published ones and auto."})
  private List<String> strategies = withAuto();

  @Option(
      names = "--share",
      description = {"The share of the data to take. Default: all of it."})
  private double share = 1;

  @Option(
      names = "--runs",
      description = {"Passes of each side that count, after a second of others. Default: 5."})
  private int runs = 5;

  @Option(names = "--script", hidden = true, required = true)
  private Path script = Path.of("");

  @Option(names = "--directory", hidden = true, required = true)
  private Path directory = Path.of("");

  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private final PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);

  public static void main(String[] args) {
    System.exit(new CommandLine(new Comparison()).execute(args));
  }

  private static List<String> withAuto() {
    List<String> names = new ArrayList<>(Strategies.published());
    names.add(AutoStrategy.NAME);
    return names;
  }

  /** As measured: with noise of 2 %, without which blocks have directions of rounding only. */
  private static DataSet channels(double share) {
    DataSet clean = ChannelData.of(Math.toIntExact(Math.round(50 * share)), 20, 8);
    Noise noise = new Noise(9);
    for (float[] block : clean.blocks()) {
      double energy = 0;
      for (float x : block) {
        energy += (double) x * x;
      }
      double deviation = NOISE * Math.sqrt(energy / block.length);
      for (int i = 0; i < block.length; i++) {
        block[i] += (float) (deviation * noise.gaussian());
      }
    }
    return clean;
  }

  @Override
  public Integer call() throws IOException {
    boolean allSame = true;
    for (Data data : DATA) {
      if (dataNames.contains(data.name)) {
        allSame &= compare(data);
      }
    }
    return allSame ? 0 : 1;
  }

  /** Whether both sides found the same partitions. */
  private boolean compare(Data data) throws IOException {
    Path file = RowFiles.write(data.blocks.apply(share), directory, data.name, DType.F32);
    DataSet blocks = BlockFile.read(file);
    Case of = Case.of(la, blocks, new ErrorLimit(data.limit, Scope.CLUSTER), Precision.FLOAT32);
    line(
        "%s: %d blocks of %d rows, rank %d, limit %s, %d passes",
        data.name, blocks.size(), blocks.rows(), data.rank, data.limit, runs);
    line(
        "%-21s %-9s %9s %9s %9s %7s %8s %7s %7s %8s %11s %7s %6s",
        "strategy",
        "side",
        "prepare s",
        "first s",
        "pass s",
        "speedup",
        "peak MiB",
        "start s",
        "read s",
        "clusters",
        "numbers",
        "ratio",
        "broken");
    boolean allSame = true;
    for (String strategy : strategies) {
      allSame &= compare(data, file, of, strategy);
    }
    Files.delete(file);
    return allSame;
  }

  private boolean compare(Data data, Path file, Case of, String strategy) throws IOException {
    List<String> arguments =
        List.of(file.toString(), strategy, "--rank=" + data.rank, "--limit=" + data.limit);
    if (strategy.equals(AutoStrategy.NAME)) {
      try (Worker java = Worker.start(javaCommand(arguments))) {
        List<Pass> passes = passes(List.of(java)).get(0);
        print(of, data, strategy, "colonnade", java, passes, 0);
      }
      return true;
    }
    try (Worker numpy = Worker.start(pythonCommand(arguments));
        Worker java = Worker.start(javaCommand(arguments))) {
      List<List<Pass>> passes = passes(List.of(numpy, java));
      double seconds = median(passes.get(0), Pass::partitionSeconds);
      print(of, data, strategy, "numpy", numpy, passes.get(0), 0);
      print(of, data, strategy, "colonnade", java, passes.get(1), seconds);
      boolean same = same(passes.get(0).get(0), passes.get(1).get(0));
      if (!same) {
        line("%-21s the partitions differ", strategy);
      }
      return same;
    }
  }

  private List<String> pythonCommand(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("python3", script.toString()));
    command.addAll(arguments);
    return command;
  }

  private static List<String> javaCommand(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseParallelGC",
            "-Xmx3g",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
            "-cp",
            System.getProperty("java.class.path"),
            ComparisonWorker.class.getName()));
    command.addAll(arguments);
    return command;
  }

  /** All passes of each worker. */
  private List<List<Pass>> passes(List<Worker> workers) throws IOException {
    List<List<Pass>> passes = new ArrayList<>();
    workers.forEach(each -> passes.add(new ArrayList<>()));
    int warmUps = 0;
    double[] seconds = new double[workers.size()];
    while (warmUps < LEAST_WARM_UPS
        || (warmUps < MOST_WARM_UPS && Arrays.stream(seconds).anyMatch(each -> each < 1))) {
      for (int i = 0; i < workers.size(); i++) {
        Pass pass = workers.get(i).run();
        passes.get(i).add(pass);
        seconds[i] += pass.partitionSeconds();
      }
      warmUps++;
    }
    for (int run = 0; run < runs; run++) {
      for (int i = 0; i < workers.size(); i++) {
        passes.get(i).add(workers.get(i).run());
      }
    }
    return passes;
  }

  /** Whether the same blocks are together, in the same order of clusters. */
  static boolean same(Pass left, Pass right) {
    return bitmaps(left).equals(bitmaps(right));
  }

  static List<RoaringBitmap> bitmaps(Pass pass) {
    return pass.clusters().stream().map(RoaringBitmap::bitmapOf).toList();
  }

  private final Map<List<RoaringBitmap>, long[]> judged = new HashMap<>();

  private void print(
      Case of,
      Data data,
      String strategy,
      String side,
      Worker worker,
      List<Pass> passes,
      double otherSeconds) {
    Pass last = passes.get(passes.size() - 1);
    long[] judgement =
        strategy.equals(AutoStrategy.NAME)
            ? encoded(of, last)
            : judged.computeIfAbsent(bitmaps(last), each -> asPublished(of, each, data.rank));
    double seconds = median(passes, Pass::partitionSeconds);
    line(
        "%-21s %-9s %9.3f %9.4f %9.4f %7s %8d %7.2f %7.2f %8d %11d %7.2f %6d",
        strategy,
        side,
        median(passes, Pass::prepareSeconds),
        passes.get(0).partitionSeconds(),
        seconds,
        otherSeconds > 0 ? String.format(Locale.ROOT, "%.1f", otherSeconds / seconds) : "",
        last.peakBytes() >> 20,
        worker.startSeconds(),
        worker.loadSeconds(),
        last.clusters().stream().filter(each -> each.length > 1).count(),
        judgement[0],
        of.data().numbers() / (double) judgement[0],
        judgement[1]);
  }

  /** Numbers and broken limits where clusters are stored at the rank and single blocks raw. */
  private static long[] asPublished(Case of, List<RoaringBitmap> clusters, int rank) {
    long numbers = 0;
    long broken = 0;
    for (RoaringBitmap each : clusters) {
      if (each.getCardinality() == 1) {
        numbers += StorageCost.raw(of.data().rows(), of.data().columns(each.first()));
      } else {
        numbers += of.costs().shared(each, rank);
        broken += of.costs().broken(each, rank);
      }
    }
    return new long[] {numbers, broken};
  }

  /** Numbers and broken limits of what the encoder stores. */
  private static long[] encoded(Case of, Pass pass) {
    List<PlannedCluster> plan = new ArrayList<>();
    for (int i = 0; i < pass.clusters().size(); i++) {
      int shared = pass.sharedDirections()[i];
      plan.add(
          new PlannedCluster(
              RoaringBitmap.bitmapOf(pass.clusters().get(i)),
              shared < 0 ? OptionalInt.empty() : OptionalInt.of(shared)));
    }
    Encoded encoded = Encoded.of(of, plan);
    return new long[] {encoded.numbers(), encoded.broken()};
  }

  /** Of the passes that count, which are the last. */
  private double median(List<Pass> passes, ToDoubleFunction<Pass> of) {
    double[] sorted = passes.stream().skip(passes.size() - runs).mapToDouble(of).sorted().toArray();
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private void line(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments).stripTrailing());
  }
}
