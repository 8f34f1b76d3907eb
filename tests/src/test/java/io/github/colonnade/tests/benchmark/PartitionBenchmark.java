package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Compares partitions on the rows of {@link Row#all}: for every method the numbers that went in
 * over the numbers stored, and the time that partitioning took.
 */
@Command(
    name = "partition-benchmark",
    mixinStandardHelpOptions = true,
    subcommands = {Scaling.class, Parts.class, RowFiles.class},
    description = {"Compares the ways to partition blocks."})
public final class PartitionBenchmark implements Callable<Integer> {

  @Parameters(
      paramLabel = "ROW",
      description = {"The beginnings of the names of rows, such as heads. Default: all rows."})
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--scope",
      defaultValue = "cluster",
      description = {"What the limit holds for: ${COMPLETION-CANDIDATES}. Default: cluster."})
  private Scope scope = Scope.CLUSTER;

  @Option(
      names = "--precision",
      defaultValue = "float32",
      description = {"Of the products while partitioning: ${COMPLETION-CANDIDATES}."})
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--methods",
      split = ",",
      description = {"The names of columns. Default: all."})
  private List<String> methodNames = new ArrayList<>();

  public static void main(String[] args) {
    CommandLine command =
        new CommandLine(new PartitionBenchmark())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .registerConverter(Precision.class, PartitionBenchmark::precision);
    System.exit(command.execute(args));
  }

  private static Precision precision(String label) {
    return Precision.valueOf(label.toUpperCase(Locale.ROOT));
  }

  @Override
  public Integer call() {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    LinearAlgebra la = new Nd4jLinearAlgebra();
    List<Method> methods =
        methods().stream()
            .filter(each -> methodNames.isEmpty() || methodNames.contains(each.name()))
            .toList();
    out.printf("scope %s, products in %s%n", scope.name().toLowerCase(Locale.ROOT), precision);
    ComparisonTable table = new ComparisonTable(out, methods);
    table.printHeading();
    for (Row row : Row.all()) {
      if (names.isEmpty() || names.stream().anyMatch(row.name()::startsWith)) {
        DataSet data = row.data().get();
        Case of = Case.of(la, data, new ErrorLimit(row.limit(), scope), precision);
        table.print(row, data, methods.stream().map(each -> each.run(of)).toList());
      }
    }
    return 0;
  }

  static List<Method> methods() {
    PublishedSweep sweep = new PublishedSweep();
    return List.of(
        new AutoMethod(),
        new PlainMethods.Alone(),
        new PlainMethods.Single(),
        new PublishedMethods.Valid(sweep),
        new PublishedMethods.Reranked(sweep),
        new FlatMethods.Random(),
        new FlatMethods.KMeans(),
        new FlatMethods.Hdbscan());
  }
}
