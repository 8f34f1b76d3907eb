package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes and ranks instead of an error limit, through the program. */
class TargetIT {
  private static final int ROWS = 40;
  private static final int COLUMNS = 30;

  @TempDir private Path directory;
  private Path input = Path.of("");

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(5);
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      double[] values = new double[ROWS * COLUMNS];
      double weight = 1;
      for (int l = 0; l < COLUMNS; l++) {
        double[] u = random.doubles(ROWS, -1, 1).toArray();
        double[] v = random.doubles(COLUMNS, -1, 1).toArray();
        for (int k = 0; k < values.length; k++) {
          values[k] += weight * u[k / COLUMNS] * v[k % COLUMNS];
        }
        weight *= 0.8;
      }
      tensors.add(Tensor.of("m." + i, "F32", values, ROWS, COLUMNS));
    }
    tensors.add(Tensor.of("zero", "F32", new double[ROWS * 5], ROWS, 5));
    tensors.add(Tensor.of("tall", "F32", random.doubles(60 * 2).toArray(), 60, 2));
    tensors.add(Tensor.of("vector", "F32", random.doubles(100).toArray(), 100));
    input = directory.resolve("in.safetensors");
    Tensor.write(input, tensors);
  }

  private Session run(Path output, String... options) {
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.add("--output=" + output);
    arguments.addAll(List.of(options));
    return Session.run(arguments.toArray(String[]::new));
  }

  private Manifest compress(String name, String... options) {
    Path output = directory.resolve(name);
    Session session = run(output, options);
    assertEquals(0, session.exitCode, session.err().toString());
    return CheckedOutput.check(output, input);
  }

  private Session verify(String name) {
    Session verified = Session.run("verify", directory.resolve(name).toString());
    assertEquals(0, verified.exitCode, verified.err().toString());
    return verified;
  }

  @ParameterizedTest
  @CsvSource({"block, 3", "collection, 4"})
  void theLeastLimitOfARatioIsFound(String scope, double ratio) throws IOException {
    Manifest found = compress("found", "--scope=" + scope, "--target-ratio=" + ratio);

    verify("found");
    assertTrue(found.totals().compressionRatio() >= ratio, found.totals().toString());
    assertEquals(ratio, found.settings().targetRatio().orElseThrow());
    double limit = found.settings().maxError().orElseThrow();
    Manifest less = compress("less", "--scope=" + scope, "--max-error=" + limit * 0.98);
    assertTrue(less.totals().compressionRatio() < ratio, less.totals().toString());
    String shown = Session.run("inspect", directory.resolve("found").toString()).out();
    assertTrue(shown.contains("ratio of at least " + ratio), shown);
    try (var left = Files.list(directory)) {
      assertEquals(3, left.count(), "the input and two outputs");
    }
  }

  @Test
  void bytesAreThoseOfTheFiles() throws IOException {
    Manifest found = compress("found", "--target-bytes=20000", "--store-dtype=bf16");
    verify("found");
    long bytes = 0;
    for (String name : Directories.names(directory.resolve("found"))) {
      bytes += Files.size(directory.resolve("found").resolve(name));
    }
    assertTrue(bytes <= 20_050 && bytes > 15_000, bytes + " bytes");
    assertTrue(found.totals().bytesStored() <= 20_000, found.totals().toString());
  }

  @Test
  void theResultDoesNotDependOnTheParallelism() throws IOException {
    compress("one", "--target-ratio=4", "--scope=cluster", "--parallelism=1");
    compress("four", "--target-ratio=4", "--scope=cluster", "--parallelism=4");
    List<String> names = Directories.names(directory.resolve("one"));
    assertEquals(names, Directories.names(directory.resolve("four")));
    for (String name : names) {
      if (!name.equals(Manifest.FILE_NAME)) {
        assertArrayEquals(
            Files.readAllBytes(directory.resolve("one").resolve(name)),
            Files.readAllBytes(directory.resolve("four").resolve(name)),
            name);
      }
    }
    assertEquals(
        CheckedOutput.manifest(directory.resolve("one")).blocks(),
        CheckedOutput.manifest(directory.resolve("four")).blocks());
  }

  @Test
  void aRatioOfOneNeedsNoError() {
    Manifest found = compress("found", "--target-ratio=1");
    assertTrue(found.settings().maxError().orElseThrow() <= 1e-9, found.settings().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "--target-ratio=1e6, has a ratio of [0-9.]+",
    "--target-bytes=500, 'has [0-9,]+ bytes'"
  })
  void whatCannotBeReachedIsToldInOneLine(String target, String least) throws IOException {
    Session session = run(directory.resolve("out"), target);
    assertEquals(2, session.exitCode);
    String line = session.err().get(session.err().size() - 1);
    assertTrue(
        line.startsWith(
            "colonnade: "
                + target.substring(0, target.indexOf('='))
                + ": the smallest output that is possible has "),
        line);
    assertTrue(line.matches(".* " + least + ", at an error limit of 0\\.99[0-9]*"), line);
    assertFalse(Files.exists(directory.resolve("out")));
    try (var left = Files.list(directory)) {
      assertEquals(1, left.count(), "only the input is left");
    }
  }

  @ParameterizedTest
  @CsvSource({"block, 5, f16", "cluster, 5, source", "collection, 1000, bf16"})
  void everyClusterHasTheRank(String scope, int rank, String store) {
    Manifest manifest =
        compress("out", "--rank=" + rank, "--scope=" + scope, "--store-dtype=" + store);

    String verified = verify("out").out();
    assertTrue(verified.contains("no limit"), verified);
    assertTrue(manifest.settings().maxError().isEmpty());
    assertEquals(rank, manifest.settings().rank().orElseThrow());
    ClusterEntry shared =
        manifest.clusters().stream()
            .filter(each -> each.rows() == ROWS && each.blocks() == 8)
            .findFirst()
            .orElseThrow();
    // 34 is the largest rank that pays: 34 · (40 + 240) < 40 · 240.
    assertEquals(Math.min(rank, 34), shared.rank());
    BlockEntry tall =
        manifest.blocks().stream().filter(b -> b.tensor().equals("tall")).findFirst().orElseThrow();
    assertEquals(Treatment.ALONE, tall.treatment());
    String shown = Session.run("inspect", directory.resolve("out").toString()).out();
    assertTrue(shown.contains("none, every cluster at rank " + rank), shown);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "|one of --max-error, --target-ratio, --target-bytes, --rank is missing",
        "--max-error=0.1 --rank=3|expected one of --max-error and --rank, got all of them",
        "--target-ratio=2 --target-bytes=3|"
            + "expected one of --target-ratio and --target-bytes, got all of them",
        "--target-ratio=0|--target-ratio: expected a number above 0, got 0.0",
        "--target-bytes=0|--target-bytes: expected a whole number of at least 1, got 0",
        "--rank=0|--rank: expected a whole number of at least 1, got 0",
        "--rank=3 --strategy=auto|"
            + "--strategy: with --rank, all blocks of a family share one basis of that rank",
        "--rank=3 --rank-limit=4|"
            + "--rank-limit: with --rank, all blocks of a family share one basis of that rank",
      })
  void oneGoalIsGiven(String options, String complaint) {
    String[] given = options == null ? new String[0] : options.split(" ");
    Session session = run(directory.resolve("out"), given);
    assertEquals(2, session.exitCode);
    assertEquals("colonnade: " + complaint, session.err().get(0));
    if (given.length > 0) {
      List<String> plan = new ArrayList<>(List.of("plan", input.toString()));
      plan.addAll(List.of(given));
      Session planned = Session.run(plan.toArray(String[]::new));
      assertEquals(session.err(), planned.err());
    }
  }

  /** Sketches and two outputs are on the disk at the same time. */
  @Test
  void aTargetNeedsMoreDisk() {
    String limit = temporary("--max-error=0.1");
    String target = temporary("--target-ratio=2");
    assertNotEquals(limit, target);
    assertEquals(limit, temporary("--rank=2"));
  }

  private String temporary(String goal) {
    Session planned =
        Session.run("plan", input.toString(), goal, "--transpose=never", "--columns=100000");
    assertEquals(0, planned.exitCode, planned.err().toString());
    return planned
        .out()
        .lines()
        .filter(line -> line.contains("disk, temporary"))
        .findFirst()
        .orElseThrow();
  }
}
