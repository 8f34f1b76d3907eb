package io.github.colonnade.tests.performance;

import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs the benchmarks and prints a table: medians of the iterations, and the share of each {@link
 * Limit}. Takes the arguments of JMH, such as a pattern of names, {@code -p} and {@code -i}.
 */
public final class Benchmarks {

  private static final String PACKAGE = Benchmarks.class.getPackageName();
  private static final TimeValue SHORT = TimeValue.milliseconds(200);

  /** How the fields of {@link Done} are called. */
  private static final Map<String, String> UNITS = Map.of("gflop", "GFLOP", "megabytes", "MB");

  private Benchmarks() {}

  /** Runs those that the arguments name, or all. */
  public static void main(String[] arguments) throws Exception {
    CommandLineOptions given = new CommandLineOptions(arguments);
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .parent(given)
            .mode(Mode.Throughput)
            .timeUnit(java.util.concurrent.TimeUnit.SECONDS)
            .forks(given.getForkCount().orElse(1))
            .warmupIterations(given.getWarmupIterations().orElse(2))
            .warmupTime(given.getWarmupTime().orElse(SHORT))
            .measurementIterations(given.getMeasurementIterations().orElse(5))
            .measurementTime(given.getMeasurementTime().orElse(SHORT))
            .shouldFailOnError(true);
    if (given.getIncludes().isEmpty()) {
      options.include(PACKAGE);
    }
    print(
        new Runner(options.build()).run(),
        new PrintWriter(System.out, true, StandardCharsets.UTF_8));
  }

  /** Prints a line for each result that is no limit. */
  static void print(Collection<RunResult> results, PrintWriter out) {
    Map<String, RunResult> byName = new LinkedHashMap<>();
    results.forEach(each -> byName.put(name(each.getParams(), method(each)), each));
    out.printf(Locale.ROOT, "%-60s %12s %14s  %s%n", "benchmark", "µs", "rate", "share of limit");
    for (RunResult each : results) {
      if (!isLimit(each)) {
        String shares =
            Arrays.stream(limits(each))
                .flatMap(limit -> share(each, limit, byName))
                .collect(Collectors.joining(", "));
        out.println(
            String.format(
                    Locale.ROOT,
                    "%-60s %12.2f %14s  %s",
                    name(each.getParams(), method(each)),
                    1e6 / median(each.getPrimaryResult()),
                    rate(each),
                    shares)
                .stripTrailing());
      }
    }
  }

  private static Stream<String> share(RunResult ours, String limit, Map<String, RunResult> byName) {
    return Stream.ofNullable(byName.get(name(ours.getParams(), limit)))
        .map(
            best ->
                String.format(
                    Locale.ROOT,
                    "%.0f %% of %s",
                    100 * median(ours.getPrimaryResult()) / median(best.getPrimaryResult()),
                    limit));
  }

  private static String rate(RunResult result) {
    return UNITS.keySet().stream()
        .filter(result.getSecondaryResults()::containsKey)
        .map(
            unit ->
                String.format(
                    Locale.ROOT,
                    "%.1f %s/s",
                    median(Objects.requireNonNull(result.getSecondaryResults().get(unit))),
                    UNITS.get(unit)))
        .collect(Collectors.joining());
  }

  private static double median(Result<?> result) {
    return result.getStatistics().getPercentile(50);
  }

  private static String method(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static String name(BenchmarkParams params, String method) {
    String full = params.getBenchmark();
    String type = full.substring(0, full.lastIndexOf('.'));
    String values =
        params.getParamsKeys().stream().map(params::getParam).collect(Collectors.joining(" "));
    return type.substring(type.lastIndexOf('.') + 1).replace("Benchmark", "")
        + "."
        + method
        + (values.isEmpty() ? "" : " " + values.toLowerCase(Locale.ROOT));
  }

  private static String[] limits(RunResult result) {
    return Arrays.stream(methods(result))
        .filter(each -> each.getName().equals(method(result)))
        .map(each -> each.getAnnotation(Limit.class))
        .filter(each -> each != null)
        .flatMap(each -> Arrays.stream(each.value()))
        .toArray(String[]::new);
  }

  private static boolean isLimit(RunResult result) {
    return Arrays.stream(methods(result))
        .map(each -> each.getAnnotation(Limit.class))
        .anyMatch(each -> each != null && Arrays.asList(each.value()).contains(method(result)));
  }

  private static Method[] methods(RunResult result) {
    String full = result.getParams().getBenchmark();
    try {
      return Class.forName(full.substring(0, full.lastIndexOf('.'))).getMethods();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("the class of " + full + " has been run", e);
    }
  }
}
