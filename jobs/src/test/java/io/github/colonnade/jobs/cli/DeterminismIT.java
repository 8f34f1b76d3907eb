package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.PartitionsEntry;
import io.github.colonnade.jobs.manifest.Timings;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The result does not depend on how many subtasks work, or on which of them is faster. */
class DeterminismIT {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--scope block",
        "--rows 12 --columns 1 --scope cluster",
        "--scope collection",
        "--rows 12 --columns 2 --partitions 9",
        "--rows 12 --columns 1 --scope cluster --partitions 5 --precision float64"
      })
  void everyParallelismGivesTheSameBytes(String options) throws IOException {
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      kinds.addAll(Arrays.asList(Kind.values()));
    }
    Path input = directory.resolve("in.safetensors");
    Tensor.write(input, TestCollections.of(kinds, List.of("F32", "BF16", "F32", "F64"), 3));
    Path one = compress(input, 1, options);
    for (int parallelism = 2; parallelism <= 4; parallelism++) {
      Path other = compress(input, parallelism, options);
      List<String> names = Directories.names(one);
      assertTrue(names.size() > 2, names.toString());
      assertEquals(names, Directories.names(other));
      for (String name : names) {
        if (!name.equals(Manifest.FILE_NAME)) {
          assertArrayEquals(
              Files.readAllBytes(one.resolve(name)), Files.readAllBytes(other.resolve(name)), name);
        }
      }
      assertEquals(withoutTimings(one), withoutTimings(other));
    }
  }

  @Test
  void theManifestTellsHowFamiliesAreDivided() throws IOException {
    Path input = directory.resolve("in.safetensors");
    List<Kind> kinds = List.of(Kind.NOISY, Kind.NOISY, Kind.NOISY, Kind.NOISY);
    Tensor.write(input, TestCollections.of(kinds, List.of("F32"), 3));

    Path divided = compress(input, 1, "--rows 12 --columns 2 --partitions 3");
    PartitionsEntry.Family family = new PartitionsEntry.Family(12, 3);
    assertEquals(
        Optional.of(new PartitionsEntry(OptionalInt.of(3), List.of(family))), partitions(divided));
    String shown = Session.run("inspect", divided.toString()).out();
    assertTrue(shown.contains("  divided   12 rows: 3 partitions\n"), shown);

    Path whole = compress(input, 2, "--rows 12 --columns 2 --partitions 1");
    assertEquals(Optional.of(new PartitionsEntry(OptionalInt.of(1), List.of())), partitions(whole));
    assertEquals(Optional.empty(), partitions(compress(input, 3, "--rows 12")));
  }

  private static Optional<PartitionsEntry> partitions(Path output) throws IOException {
    return CheckedOutput.manifest(output).settings().partitions();
  }

  private Path compress(Path input, int parallelism, String options) {
    Path output = directory.resolve("out-" + parallelism);
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output", output.toString(), "--max-error", "0.1"));
    arguments.addAll(List.of("--parallelism", String.valueOf(parallelism)));
    arguments.addAll(List.of(options.split(" ")));
    Session session = Session.run(arguments.toArray(String[]::new));
    assertEquals(0, session.exitCode, session.err().toString());
    return output;
  }

  private static Manifest withoutTimings(Path output) {
    Manifest manifest = CheckedOutput.manifest(output);
    return new Manifest(
        manifest.settings(),
        manifest.totals(),
        new Timings(0, 0, 0, 0, 0),
        manifest.clusters(),
        manifest.blocks(),
        manifest.rejected());
  }
}
