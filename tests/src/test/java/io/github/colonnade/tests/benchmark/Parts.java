package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.auto.Part;
import io.github.colonnade.svd.auto.PartPlanner;
import io.github.colonnade.svd.auto.PartTree;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * What it costs to partition a family in parts: the ratio of what the encoder stores and the
 * seconds, for growing numbers of partitions.
 *
 * <p>Times are of one thread: of all partitions and all merges, and of the longest way through the
 * tree, which is what is left of them when every node has a processor to itself.
 */
@Command(
    name = "partitions",
    mixinStandardHelpOptions = true,
    description = {"Prints ratio and seconds for 1, 2, 4, 8 and 16 partitions of a family."})
final class Parts implements Callable<Integer> {

  private record Series(String name, double limit, Supplier<DataSet> data) {}

  private static final List<Series> SERIES =
      List.of(
          new Series("blocks", 0.1, () -> Scaling.blocks(1)),
          new Series("columns", 0.1, () -> Scaling.columns(0.25)),
          new Series("channels", 0.1, () -> ChannelData.of(30, 20, 3)),
          new Series("heads", 0.4, MiniLm::heads));

  @Parameters(
      paramLabel = "SERIES",
      description = {
        "blocks (2,000 of 256×32), columns (15,000 of 384×1), channels (600 of 128×64) or heads (288"
            + " of 384×32 of MiniLM). Default: all."
      })
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--partitions",
      split = ",",
      description = {"Default: 1,2,4,8,16."})
  private List<Integer> partitions = List.of(1, 2, 4, 8, 16);

  @Option(
      names = "--scope",
      defaultValue = "block",
      description = {"What the limit holds for: ${COMPLETION-CANDIDATES}. Default: block."})
  private Scope scope = Scope.BLOCK;

  /** How blocks are divided. */
  private enum Division {
    /** Neighbours together. */
    RUNS,
    /** In turn, as cards are dealt. */
    DEALT
  }

  @Option(
      names = "--division",
      defaultValue = "runs",
      description = {"Which blocks make a partition: ${COMPLETION-CANDIDATES}. Default: runs."})
  private Division division = Division.RUNS;

  /** No bound on what a part holds. */
  private static final long OPEN_NUMBERS = Long.MAX_VALUE;

  private final LinearAlgebra la = new Nd4jLinearAlgebra();

  @Override
  public Integer call() {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    line(
        out,
        "%-9s %7s %10s %7s %9s %7s %6s %10s %9s",
        "series",
        "blocks",
        "partitions",
        "ratio",
        "clusters",
        "members",
        "broken",
        "all nodes s",
        "longest s");
    for (Series series : SERIES) {
      if (names.isEmpty() || names.contains(series.name)) {
        Case of =
            Case.of(la, series.data.get(), new ErrorLimit(series.limit, scope), Precision.FLOAT32);
        for (int count : partitions) {
          measure(out, series.name, of, count);
        }
      }
    }
    return 0;
  }

  private void measure(PrintWriter out, String name, Case of, int count) {
    try (Family family = Families.sketched(of);
        MatrixScope matrices = new MatrixScope()) {
      int[] order = order(family.size(), count);
      PartitionSettings settings = Families.settings(of);
      Stopwatch all = new Stopwatch();
      Timed plan =
          count == 1
              ? single(family, settings, all)
              : merged(family, order, count, settings, matrices);
      double seconds = all.cpuSeconds();
      Encoded encoded = Encoded.of(of, plan.clusters);
      line(
          out,
          "%-9s %7d %10d %7.3f %9d %7d %6d %10.2f %9.2f",
          name,
          of.data().size(),
          count,
          of.data().numbers() / (double) encoded.numbers(),
          encoded.clusters(),
          encoded.members(),
          encoded.broken(),
          seconds,
          plan.longest);
    }
  }

  /** A partition, and the processor seconds of the longest way to it. */
  private record Timed(List<PlannedCluster> clusters, double longest) {}

  private static Timed single(Family family, PartitionSettings settings, Stopwatch watch) {
    List<PlannedCluster> plan = new AutoStrategy().plan(family, settings);
    return new Timed(plan, watch.cpuSeconds());
  }

  private int[] order(int size, int count) {
    return division == Division.RUNS
        ? IntStream.range(0, size).toArray()
        : IntStream.range(0, count)
            .flatMap(p -> IntStream.range(0, size).filter(j -> j % count == p))
            .toArray();
  }

  private Timed merged(
      Family family, int[] order, int count, PartitionSettings settings, MatrixScope matrices) {
    PartPlanner planner =
        new PartPlanner(
            la, family.precision(), family.rows(), settings, OPEN_NUMBERS, family.decisions());
    List<Part> parts = new ArrayList<>();
    List<Double> longest = new ArrayList<>();
    for (int p = 0; p < count; p++) {
      int from = (int) ((long) p * order.length / count);
      int to = (int) ((long) (p + 1) * order.length / count);
      Stopwatch watch = new Stopwatch();
      Family some =
          new Family(
              la,
              family.precision(),
              family.rows(),
              IntStream.range(from, to).mapToObj(i -> family.block(order[i])).toList());
      parts.add(planner.partition(some, matrices));
      longest.add(watch.cpuSeconds());
    }
    while (parts.size() > 1) {
      List<Part> merged = new ArrayList<>();
      List<Double> later = new ArrayList<>();
      for (int node = 0; node < PartTree.parents(parts.size()); node++) {
        int from = node * PartTree.FAN_IN;
        int to = Math.min(parts.size(), from + PartTree.FAN_IN);
        Stopwatch watch = new Stopwatch();
        merged.add(planner.merge(parts.subList(from, to), matrices));
        later.add(
            watch.cpuSeconds()
                + longest.subList(from, to).stream()
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElse(0));
      }
      parts = merged;
      longest = later;
    }
    List<PlannedCluster> plan =
        parts.get(0).plan().stream()
            .map(
                each ->
                    new PlannedCluster(
                        RoaringBitmap.bitmapOf(
                            each.members().stream().map(i -> order[i]).toArray()),
                        each.sharedDirections()))
            .toList();
    return new Timed(plan, longest.get(0));
  }

  private static void line(PrintWriter out, String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments).stripTrailing());
  }
}
