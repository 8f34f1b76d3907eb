package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.auto.AllStrategies;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.auto.GallopStrategy;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PartitionStrategy;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.tests.benchmark.SubspaceData.Shape;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.DoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * How the time of partitioning grows with the number of blocks, next to single passes on the same
 * sketches and to what products alone would take.
 *
 * <p>The number of subspaces grows with that of the blocks. The single passes are gallop and the
 * published incremental-residual, at ranks that are multiples of the one that the median member's
 * cluster has in auto's partition; who runs them has to know or to try these. One <em>pass</em> of
 * products is 2·m²·k operations for the k columns of all sketches, those of one Gram matrix of each
 * sketch; at the speed of a large product it takes the time given. Ratios are of what the encoder
 * stores.
 */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    description = {"Prints the seconds of partitions of growing size."})
final class Scaling implements Callable<Integer> {

  /** The published pass that most often stores least. */
  private static final String PUBLISHED = "incremental-residual";

  /** Ranks of single passes, over that of the cluster in which the median block is. */
  private static final double[] RANKS = {0.5, 0.75, 1, 1.5};

  private static final int PEAK_SIZE = 1024;
  private static final int PEAK_TRIES = 20;

  /**
   * @param data the blocks at a factor of the full size
   */
  private record Series(String name, double limit, DoubleFunction<DataSet> data) {}

  private static final List<Series> SERIES =
      List.of(
          new Series("blocks", 0.1, Scaling::blocks),
          new Series("columns", 0.1, Scaling::columns),
          new Series("weights", 0.4, MiniLm::columns));

  @Parameters(
      paramLabel = "SERIES",
      description = {
        "blocks (2,000 of 256×32), columns (60,000 of 384×1) or weights (59,068 columns of 384 of"
            + " MiniLM). Default: all."
      })
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--factors",
      split = ",",
      description = {"Shares of the full size. Default: 0.125,0.25,0.5,1."})
  private List<Double> factors = List.of(0.125, 0.25, 0.5, 1.0);

  @Option(
      names = "--scope",
      defaultValue = "block",
      description = {"What the limit holds for: ${COMPLETION-CANDIDATES}. Default: block."})
  private Scope scope = Scope.BLOCK;

  @Option(
      names = "--passes",
      split = ",",
      description = {
        "Strategies to run beside auto, which gives the ranks. Default: gallop and one published."
      })
  private List<String> passes = List.of(GallopStrategy.NAME, PUBLISHED);

  private final LinearAlgebra la = new Nd4jLinearAlgebra();

  static DataSet blocks(double factor) {
    int families = Math.toIntExact(Math.round(80 * factor));
    return SubspaceData.of(new Shape(256, 32, families, 25, 12, 2, 0.03, 0.05), 6);
  }

  static DataSet columns(double factor) {
    int families = Math.toIntExact(Math.round(120 * factor));
    return SubspaceData.of(new Shape(384, 1, families, 500, 16, 0, 0, 0.05), 7);
  }

  @Override
  public Integer call() {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    for (String name : passes) {
      if (AllStrategies.byName(name).isEmpty()) {
        out.println("--passes: expected some of " + AllStrategies.names() + ", got " + name);
        return 2;
      }
    }
    double peak = peak();
    line(
        out,
        "one product of %d×%1$d in float32: %.0f GFLOP/s on one thread",
        PEAK_SIZE,
        peak / 1e9);
    line(
        out,
        "%-8s %7s %9s %9s  %-33s %9s %9s %6s",
        "series",
        "blocks",
        "sketch s",
        "a pass s",
        "method",
        "cpu s",
        "elapsed s",
        "ratio");
    for (Series series : SERIES) {
      if (names.isEmpty() || names.contains(series.name)) {
        for (double factor : factors) {
          measure(out, series, factor, peak);
        }
      }
    }
    return 0;
  }

  private void measure(PrintWriter out, Series series, double factor, double peak) {
    DataSet data = series.data.apply(factor);
    Case of = Case.of(la, data, new ErrorLimit(series.limit, scope), Precision.FLOAT32);
    Stopwatch sketching = new Stopwatch();
    try (Family family = Families.sketched(of)) {
      double sketchSeconds = sketching.cpuSeconds();
      long columns = family.blocks().stream().mapToLong(each -> each.factor().columns()).sum();
      double pass = 2.0 * data.rows() * data.rows() * columns / peak;
      PartitionSettings settings = Families.settings(of);
      String row =
          String.format(
              Locale.ROOT, "%-8s %7d %9.2f %9.4f", series.name, data.size(), sketchSeconds, pass);
      List<PlannedCluster> auto =
          timed(out, row, of, family, new AutoStrategy(), settings, AutoStrategy.NAME);
      int rank = medianRank(of, auto);
      for (String name : passes) {
        PartitionStrategy strategy = AllStrategies.byName(name).orElseThrow();
        int[] ranks =
            Arrays.stream(RANKS)
                .mapToInt(multiple -> (int) Math.round(multiple * rank))
                .filter(each -> each >= 1 && each <= data.rows())
                .distinct()
                .toArray();
        for (int tried : ranks) {
          String label = name + " at rank " + tried;
          timed(out, row, of, family, strategy, settings.withRank(tried), label);
        }
      }
    }
  }

  private static List<PlannedCluster> timed(
      PrintWriter out,
      String row,
      Case of,
      Family family,
      PartitionStrategy strategy,
      PartitionSettings settings,
      String label) {
    Stopwatch watch = new Stopwatch();
    List<PlannedCluster> plan = strategy.plan(family, settings);
    double cpu = watch.cpuSeconds();
    double elapsed = watch.wallSeconds();
    double ratio = of.data().numbers() / (double) Encoded.of(of, plan).numbers();
    line(out, "%s  %-33s %9.2f %9.2f %6.2f", row, label, cpu, elapsed, ratio);
    return plan;
  }

  /** The rank of the cluster in which the median block is. */
  private static int medianRank(Case of, List<PlannedCluster> plan) {
    int[] ranks = new int[of.data().size()];
    for (PlannedCluster cluster : plan) {
      int rank = of.costs().leastRank(cluster.members());
      cluster.members().forEach((int j) -> ranks[j] = rank);
    }
    Arrays.sort(ranks);
    return Math.max(1, ranks[ranks.length / 2]);
  }

  /** The operations a second of the fastest of several products. */
  private double peak() {
    float[] numbers = new float[PEAK_SIZE * PEAK_SIZE];
    Noise noise = new Noise(1);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) noise.uniform(-1, 1);
    }
    double least = Double.POSITIVE_INFINITY;
    try (Matrix a = la.fromColumns(numbers, PEAK_SIZE, PEAK_SIZE)) {
      for (int i = 0; i < PEAK_TRIES; i++) {
        Stopwatch watch = new Stopwatch();
        la.product(a, a).close();
        least = Math.min(least, watch.wallSeconds());
      }
    }
    return 2.0 * PEAK_SIZE * PEAK_SIZE * PEAK_SIZE / least;
  }

  private static void line(PrintWriter out, String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments).stripTrailing());
  }
}
