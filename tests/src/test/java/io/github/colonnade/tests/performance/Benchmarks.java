package io.github.colonnade.tests.performance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks and prints a table: medians of the iterations, and the share of each {@link
 * Limit}. The first argument may be a pattern of their names; the others are options of JMH, such
 * as {@code -p} and {@code -i}.
 */
public final class Benchmarks {

  private static final TimeValue SHORT = TimeValue.milliseconds(200);

  /** How the fields of {@link Done} are called. */
  private static final Map<String, String> UNITS = Map.of("gflop", "GFLOP", "megabytes", "MB");

  private Benchmarks() {}

  /** Runs those that the arguments name, or all. */
  public static void main(String[] arguments) throws Exception {
    boolean chosen = arguments.length > 0 && !arguments[0].startsWith("-");
    Pattern wanted = Pattern.compile(chosen ? arguments[0] : "");
    CommandLineOptions given =
        new CommandLineOptions(Arrays.copyOfRange(arguments, chosen ? 1 : 0, arguments.length));
    PrintWriter out = new PrintWriter(System.out, true, UTF_8);
    printHeading(out);
    for (Method method : methods()) {
      String name = method.getDeclaringClass().getName() + "." + method.getName();
      if (wanted.matcher(name).find()) {
        run(given, method, out);
      }
    }
  }

  /** One after another with its limits, so that both see the same machine. */
  private static void run(CommandLineOptions given, Method method, PrintWriter out)
      throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .parent(given)
            .mode(Mode.Throughput)
            .timeUnit(TimeUnit.SECONDS)
            .forks(given.getForkCount().orElse(1))
            .warmupIterations(given.getWarmupIterations().orElse(2))
            .warmupTime(given.getWarmupTime().orElse(SHORT))
            .measurementIterations(given.getMeasurementIterations().orElse(5))
            .measurementTime(given.getMeasurementTime().orElse(SHORT))
            .shouldFailOnError(true);
    String type = method.getDeclaringClass().getName();
    Stream.concat(Stream.of(method.getName()), limits(method).stream())
        .forEach(each -> options.include("^" + Pattern.quote(type + "." + each) + "$"));
    print(method, new Runner(options.build()).run(), out);
  }

  /** The benchmarks that are no limits, class by class. */
  static List<Method> methods() {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
    return BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(nowhere, VerboseMode.SILENT), List.of())
        .stream()
        .map(BenchmarkListEntry::getUserClassQName)
        .sorted()
        .distinct()
        .flatMap(type -> methods(type).stream())
        .toList();
  }

  private static List<Method> methods(String type) {
    List<Method> all =
        Arrays.stream(type(type).getMethods())
            .filter(each -> each.isAnnotationPresent(Benchmark.class))
            .sorted(Comparator.comparing(Method::getName))
            .toList();
    Set<String> limits =
        all.stream().flatMap(each -> limits(each).stream()).collect(Collectors.toSet());
    return all.stream().filter(each -> !limits.contains(each.getName())).toList();
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("JMH lists " + name + "; build it again", e);
    }
  }

  private static List<String> limits(Method method) {
    Limit limit = method.getAnnotation(Limit.class);
    return limit == null ? List.of() : List.of(limit.value());
  }

  static void printHeading(PrintWriter out) {
    out.printf(Locale.ROOT, "%-60s %12s %14s  %s%n", "benchmark", "µs", "rate", "share of limit");
  }

  /** Prints a line for each choice of parameters. */
  static void print(Method method, Collection<RunResult> results, PrintWriter out) {
    Map<String, RunResult> named = new LinkedHashMap<>();
    results.forEach(each -> named.put(name(each.getParams(), name(each)), each));
    for (RunResult each : results) {
      if (name(each).equals(method.getName())) {
        String shares =
            limits(method).stream()
                .flatMap(limit -> share(each, limit, named))
                .collect(Collectors.joining(", "));
        out.println(
            String.format(
                    Locale.ROOT,
                    "%-60s %12.2f %14s  %s",
                    name(each.getParams(), method.getName()),
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

  private static String name(RunResult result) {
    String full = result.getParams().getBenchmark();
    return full.substring(full.lastIndexOf('.') + 1);
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
}
