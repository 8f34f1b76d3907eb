package io.github.colonnade.tests.benchmark;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.auto.AllStrategies;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PartitionStrategy;
import io.github.colonnade.svd.partition.PlannedCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The counterpart of {@code tests/comparison/published.py}: partitions the blocks of a file once
 * for each line of its standard input, and prints a line of JSON each time.
 */
@Command(
    name = "comparison-worker",
    mixinStandardHelpOptions = true,
    description = {"Partitions blocks once for each line of standard input."})
final class ComparisonWorker implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "FILE")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "STRATEGY")
  private String name = "";

  @Option(names = "--rank", required = true)
  private int rank;

  @Option(names = "--limit", required = true)
  private double limit;

  @Option(names = "--precision", defaultValue = "float32")
  private String precision = "float32";

  private final ObjectMapper json = new ObjectMapper();

  public static void main(String[] args) {
    System.exit(new CommandLine(new ComparisonWorker()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    LinearAlgebra la = new Nd4jLinearAlgebra();
    print(Map.of("started", true));
    DataSet data = BlockFile.read(file);
    print(Map.of("loaded", data.size()));
    Case of =
        Case.of(
            la,
            data,
            new ErrorLimit(limit, Scope.CLUSTER),
            Precision.valueOf(precision.toUpperCase(Locale.ROOT)));
    PartitionStrategy strategy = AllStrategies.byName(name).orElseThrow();
    PartitionSettings settings = PartitionSettings.of(of.limit(), rank, data.rows());
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (lines.readLine() != null) {
      Stopwatch preparing = new Stopwatch();
      boolean isAuto = name.equals(AutoStrategy.NAME);
      try (Family family = isAuto ? Families.sketched(of) : Families.whole(of)) {
        double prepareSeconds = preparing.wallSeconds();
        Stopwatch watch = new Stopwatch();
        List<PlannedCluster> plan = strategy.plan(family, settings);
        double seconds = watch.wallSeconds();
        print(
            Map.of(
                "prepareSeconds",
                prepareSeconds,
                "partitionSeconds",
                seconds,
                "peakBytes",
                peakBytes(),
                "clusters",
                plan.stream().map(each -> each.members().toArray()).toList(),
                "sharedDirections",
                plan.stream().mapToInt(each -> each.sharedDirections().orElse(-1)).toArray()));
      }
    }
    return 0;
  }

  private void print(Object value) throws IOException {
    System.out.println(json.writeValueAsString(value));
  }

  /** The most memory that the process had at any time, with what is outside the heap. */
  private static long peakBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("/proc/self/status has no VmHWM: the comparison runs on Linux only");
  }
}
