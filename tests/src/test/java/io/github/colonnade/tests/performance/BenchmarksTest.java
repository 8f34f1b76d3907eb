package io.github.colonnade.tests.performance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs each benchmark once, small. */
class BenchmarksTest {

  private static final Map<Class<?>, Map<String, String[]>> SMALL =
      Map.of(
          ProductBenchmark.class, Map.of("shape", new String[] {"6x2x5"}),
          DecompositionBenchmark.class, Map.of("shape", new String[] {"6x4x4"}),
          SketchBenchmark.class, Map.of("shape", new String[] {"9x3x4"}),
          EncodeBenchmark.class,
              Map.of("shape", new String[] {"16x2x8"}, "blocks", new String[] {"3"}),
          BoundBenchmark.class, Map.of("values", new String[] {"4"}),
          StrategyBenchmark.class, Map.of("subspaces", new String[] {"1"}),
          ReaderBenchmark.class, Map.of("rows", new String[] {"64"}),
          DecoderBenchmark.class, Map.of("rows", new String[] {"64"}),
          SerializerBenchmark.class, Map.of("blocks", new String[] {"2"}));

  static Set<Class<?>> classes() {
    return SMALL.keySet();
  }

  @ParameterizedTest
  @MethodSource("classes")
  void eachMethodRuns(Class<?> benchmarks) throws Exception {
    Collection<RunResult> results = run(benchmarks);
    Set<String> ran =
        results.stream().map(each -> each.getParams().getBenchmark()).collect(Collectors.toSet());
    Set<String> methods =
        Arrays.stream(benchmarks.getMethods())
            .filter(each -> each.isAnnotationPresent(Benchmark.class))
            .map(each -> benchmarks.getName() + "." + each.getName())
            .collect(Collectors.toSet());
    assertEquals(methods, ran);
  }

  @Test
  void thereIsNoOther() {
    Set<String> all =
        BenchmarkList.defaultList()
            .getAll(
                OutputFormatFactory.createFormatInstance(
                    new PrintStream(OutputStream.nullOutputStream(), false, UTF_8),
                    VerboseMode.SILENT),
                List.of())
            .stream()
            .map(BenchmarkListEntry::getUserClassQName)
            .collect(Collectors.toSet());
    assertEquals(classes().stream().map(Class::getName).collect(Collectors.toSet()), all);
  }

  @Test
  void theTableTellsTheShareOfEachLimit() throws Exception {
    StringWriter text = new StringWriter();
    Benchmarks.print(run(SketchBenchmark.class), new PrintWriter(text));
    List<String> lines =
        text.toString().lines().filter(each -> each.startsWith("Sketch.append ")).toList();
    assertEquals(2, lines.size(), text.toString());
    for (String line : lines) {
      assertTrue(
          line.matches(".*9x3x4.* GFLOP/s  \\d+ % of appendProducts, \\d+ % of appendRoutines"),
          line);
    }
    assertFalse(text.toString().contains("Sketch.appendProducts"), text.toString());
  }

  private static Collection<RunResult> run(Class<?> benchmarks) throws Exception {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(benchmarks.getName() + "\\.")
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(1))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    Objects.requireNonNull(SMALL.get(benchmarks)).forEach(options::param);
    return new Runner(options.build()).run();
  }
}
