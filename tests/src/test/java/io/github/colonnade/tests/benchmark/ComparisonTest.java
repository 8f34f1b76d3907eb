package io.github.colonnade.tests.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.Strategies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.roaringbitmap.RoaringBitmap;

/** The script in numpy finds what is found here. Skipped where there is no python3 with numpy. */
class ComparisonTest {

  private static final Path SCRIPT = Path.of("comparison", "published.py");
  private static final Path FIXTURES =
      Path.of("..", "incremental-svd", "src", "test", "resources", "fixtures");

  @TempDir private Path directory;

  @BeforeAll
  static void findNumpy() throws InterruptedException {
    int exit;
    try {
      exit = new ProcessBuilder("python3", "-c", "import numpy").start().waitFor();
    } catch (IOException e) {
      exit = 1;
    }
    assumeTrue(exit == 0, "no python3 with numpy");
  }

  private static List<RoaringBitmap> inNumpy(
      Path file, String strategy, int rank, double limit, Precision precision) throws IOException {
    List<String> command =
        List.of(
            "python3",
            SCRIPT.toString(),
            file.toString(),
            strategy,
            "--rank=" + rank,
            "--limit=" + limit,
            "--precision=" + precision.name().toLowerCase(Locale.ROOT));
    try (Worker worker = Worker.start(command)) {
      return Comparison.bitmaps(worker.run());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"advection", "mimo", "minilm", "sar"})
  void thePublishedPartitionsAreFoundInNumpy(String fixture) throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(FIXTURES.resolve(fixture + ".expected.json").toFile());
    Path file = FIXTURES.resolve(fixture + ".safetensors");
    for (String strategy : Strategies.published()) {
      List<RoaringBitmap> published = new ArrayList<>();
      for (JsonNode cluster : expected.get("variants").get(strategy).get("clusters")) {
        RoaringBitmap bitmap = new RoaringBitmap();
        cluster.forEach(each -> bitmap.add(each.asInt()));
        published.add(bitmap);
      }
      int rank = expected.get("rank").asInt();
      double limit = expected.get("eps").asDouble();
      assertEquals(published, inNumpy(file, strategy, rank, limit, Precision.FLOAT64), strategy);
    }
  }

  static List<Comparison.Data> data() {
    return Comparison.DATA;
  }

  @ParameterizedTest
  @MethodSource("data")
  void bothSidesFindTheSameInSinglePrecision(Comparison.Data data) throws IOException {
    Path file = RowFiles.write(data.blocks().apply(0.02), directory, data.name(), DType.F32);
    DataSet blocks = BlockFile.read(file);
    Case of =
        Case.of(
            new Nd4jLinearAlgebra(),
            blocks,
            new ErrorLimit(data.limit(), Scope.CLUSTER),
            Precision.FLOAT32);
    PartitionSettings settings = PartitionSettings.of(of.limit(), data.rank(), blocks.rows());
    try (Family family = Families.whole(of)) {
      for (String strategy : Strategies.published()) {
        assertEquals(
            inNumpy(file, strategy, data.rank(), data.limit(), Precision.FLOAT32),
            Strategies.byName(strategy).orElseThrow().partition(family, settings),
            strategy);
      }
    }
  }
}
