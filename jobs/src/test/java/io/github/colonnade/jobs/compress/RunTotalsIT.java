package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.flink.EmbeddedCluster;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The totals on the page of a job are those of the manifest. */
class RunTotalsIT {

  @TempDir private Path directory;

  @Test
  void theyAreThoseOfTheManifest() throws Exception {
    Path input = directory.resolve("in.safetensors");
    Tensor.write(
        input,
        TestCollections.of(
            List.of(Kind.SHARED, Kind.SHARED, Kind.RANDOM, Kind.CUBE, Kind.NAN),
            List.of("F32"),
            5));
    Path staging = Files.createDirectory(directory.resolve("staging"));
    Path output = directory.resolve("out");
    CompressSettings settings =
        new CompressSettings(
            new CompressSettings.Input(
                List.of(input.toUri().toString()),
                0,
                0,
                Transpose.NEVER,
                List.of(),
                List.of(),
                false),
            new CompressSettings.Method(
                Scope.BLOCK, 0, "auto", Precision.FLOAT32, StoreDtype.SOURCE, 0),
            0.1,
            new Goal.Limit(),
            new CompressSettings.Place(output.toUri().toString(), staging.toUri().toString()),
            0,
            null,
            Map.of());
    Map<String, Object> last = new HashMap<>();
    try (EmbeddedCluster cluster = EmbeddedCluster.bounded(2, OptionalInt.empty())) {
      StreamExecutionEnvironment env = cluster.environment();
      CompressJob.build(
          env,
          settings,
          Partitions.of(
              TensorLister.list(List.of(input.toString())).tensors(), settings.view(), 1));
      cluster.run(
          env,
          "test",
          accumulators -> {
            synchronized (last) {
              last.putAll(accumulators);
            }
            return new Progress.State("test", 0, 0);
          },
          new PrintWriter(PrintWriter.nullWriter()),
          false);
    }

    Manifest manifest = CheckedOutput.manifest(output);
    assertEquals(1, manifest.rejected().size());
    assertTrue(manifest.totals().clusters() > 0);
    Map<String, Long> expected =
        Map.of(
            Counters.BLOCKS,
            manifest.totals().blocks(),
            Counters.CLUSTERS,
            manifest.totals().clusters(),
            Counters.REJECTED,
            1L,
            Counters.NUMBERS_IN,
            manifest.totals().numbersIn(),
            Counters.NUMBERS_STORED,
            manifest.totals().numbersStored(),
            Counters.BYTES_IN,
            manifest.totals().bytesIn(),
            Counters.BYTES_STORED,
            manifest.totals().bytesStored());
    Map<String, Object> found = new HashMap<>(last);
    found.keySet().retainAll(expected.keySet());
    assertEquals(expected, found);
  }
}
