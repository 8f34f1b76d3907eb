package io.github.colonnade.tests.performance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Method;
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
import org.openjdk.jmh.runner.Runner;
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
        Benchmarks.methods().stream()
            .map(each -> each.getDeclaringClass().getName())
            .collect(Collectors.toSet());
    assertEquals(classes().stream().map(Class::getName).collect(Collectors.toSet()), all);
  }

  @Test
  void theTableTellsTheShareOfEachLimit() throws Exception {
    StringWriter text = new StringWriter();
    Method append = SketchBenchmark.class.getMethod("append", Done.Operations.class);
    Benchmarks.print(append, run(SketchBenchmark.class), new PrintWriter(text));
    List<String> lines = text.toString().lines().toList();
    assertEquals(2, lines.size(), text.toString());
    for (String line : lines) {
      assertTrue(
          line.matches(".*9x3x4.* GFLOP/s  \\d+ % of appendProducts, \\d+ % of appendRoutines"),
          line);
    }
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
