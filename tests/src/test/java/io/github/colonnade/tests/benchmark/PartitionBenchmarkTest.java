package io.github.colonnade.tests.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.tests.benchmark.SubspaceData.Shape;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs the comparison on small instances of its rows. */
class PartitionBenchmarkTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  private static final List<Row> SMALL =
      List.of(
          new Row(
              "families", 0.1, () -> SubspaceData.of(new Shape(64, 16, 3, 8, 5, 0, 0, 0.05), 1)),
          new Row(
              "private", 0.1, () -> SubspaceData.of(new Shape(64, 16, 2, 8, 4, 2, 0.1, 0.03), 2)),
          new Row("channels", 0.1, () -> ChannelData.of(2, 5, 3)),
          new Row("channels", 0.05, () -> ChannelData.of(2, 5, 3)),
          new Row("advection", 0.01, () -> AdvectionData.of(16, 4)),
          new Row("advection", 0.05, () -> AdvectionData.of(16, 4)),
          new Row("speckle", 0.15, () -> SpeckleData.of(16, 5)),
          new Row("heads", 0.4, () -> MiniLm.heads().first(12)),
          new Row("embedding", 0.4, () -> MiniLm.embeddingSlices().first(4)));

  private record Instance(Row row, Scope scope, Precision precision) {
    Case of() {
      return Case.of(LA, row.data().get(), new ErrorLimit(row.limit(), scope), precision);
    }

    @Override
    public String toString() {
      return row.name() + " " + row.limit() + " " + scope + " " + precision;
    }
  }

  static List<Instance> instances() {
    List<Instance> instances = new ArrayList<>();
    for (Scope scope : Scope.values()) {
      for (Row row : SMALL) {
        instances.add(new Instance(row, scope, Precision.FLOAT32));
      }
      instances.add(new Instance(SMALL.get(0), scope, Precision.FLOAT64));
    }
    return instances;
  }

  @ParameterizedTest
  @MethodSource("instances")
  void autoIsNeverBeatenAndNobodyBreaksALimit(Instance instance) {
    Case of = instance.of();
    Result auto = new AutoMethod().run(of);
    assertEquals(0, auto.broken());
    PublishedSweep sweep = new PublishedSweep();
    for (Method method :
        List.of(
            new PlainMethods.Alone(),
            new PlainMethods.Single(),
            new PublishedMethods.Valid(sweep),
            new PublishedMethods.Reranked(sweep))) {
      Result other = method.run(of);
      assertEquals(0, other.broken(), method.name());
      assertTrue(
          auto.numbers() <= other.numbers(),
          () ->
              "auto stores "
                  + auto.numbers()
                  + " numbers, "
                  + method.name()
                  + " "
                  + other.numbers()
                  + " "
                  + other.note());
    }
  }

  @Test
  void theSweepHasEveryPowerOfTwoThatPaysAndHalfAsMuchAgain() {
    // 10·12 numbers a block, 4 blocks: rank r pays if r·(12 + 40) < 480.
    DataSet data = SubspaceData.of(new Shape(12, 10, 1, 4, 2, 0, 0, 0.1), 1);
    assertEquals(List.of(1, 2, 3, 4, 6, 8), PublishedSweep.ranks(data));
  }

  @Test
  void theTableTellsTheRatioOfEveryMethod() {
    StringWriter text = new StringWriter();
    List<Method> methods = PartitionBenchmark.methods();
    ComparisonTable table = new ComparisonTable(new PrintWriter(text), methods);
    Row row = SMALL.get(0);
    Case of = new Instance(row, Scope.BLOCK, Precision.FLOAT32).of();
    table.printHeading();
    table.print(row, of.data(), methods.stream().map(each -> each.run(of)).toList());
    for (Method each : methods) {
      assertTrue(text.toString().contains("  " + each.name() + " "), each.name());
    }
    // Three families of eight 64×16 blocks at rank 5: 24·64·16 / (3·5·(64 + 8·16)) = 8.533.
    assertTrue(text.toString().contains(" 8.533 "), text.toString());
  }
}
