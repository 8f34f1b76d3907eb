package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import io.github.colonnade.svd.auto.AutoStrategy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** Whatever goes in: what comes out keeps every promise of its manifest. */
class CompressPropertyTest {

  /** How tensors become matrices. */
  private static final List<String> READINGS =
      List.of(
          "",
          "--transpose always",
          "--rows 12 --columns 1",
          "--rows 4 --columns 3",
          "--columns 5",
          "--transpose always --columns 3",
          "--rank-limit 2",
          "--include *.S* --include *.N* --exclude *3*");

  @Property(tries = 25, shrinking = ShrinkingMode.OFF)
  void everyPromiseIsKept(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll("dtypes") List<String> dtypes,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll StoreDtype store,
      @ForAll("strategies") String strategy,
      @ForAll("limits") String limit,
      @ForAll("readings") String reading,
      @ForAll @IntRange(min = 1, max = 6) int partitions,
      @ForAll long seed)
      throws IOException {
    List<Kind> all = new ArrayList<>();
    all.add(Kind.NOISY); // number 0: a matrix that every reading leaves in
    all.addAll(kinds);
    List<String> options = new ArrayList<>();
    Collections.addAll(options, reading.isEmpty() ? new String[0] : reading.split(" "));
    options.addAll(List.of("--scope", scope.toString(), "--precision", precision.toString()));
    options.addAll(List.of("--store-dtype", store.toString(), "--strategy", strategy));
    if (strategy.equals(AutoStrategy.NAME) && scope != Scope.COLLECTION) {
      options.addAll(List.of("--partitions", String.valueOf(partitions)));
    }
    inDirectory(
        directory -> {
          Path input = directory.resolve("in.safetensors");
          Tensor.write(input, TestCollections.of(all, dtypes, seed));
          Path output = directory.resolve("out");
          assertEquals(List.of(), compress(input, output, limit, options));
          CheckedOutput.check(output, input);
        });
  }

  @Example
  void everyKindIsTreatedAsItShould() throws IOException {
    List<Kind> kinds = Arrays.asList(Kind.values());
    inDirectory(
        directory -> {
          Path input = directory.resolve("in.safetensors");
          Tensor.write(
              input,
              TestCollections.of(
                  Stream.concat(kinds.stream(), kinds.stream()).toList(), List.of("F32"), 5));
          Path output = directory.resolve("out");
          assertEquals(List.of(), compress(input, output, "0.1", List.of()));
          Manifest manifest = CheckedOutput.check(output, input);
          assertEquals(
              List.of("INFINITE", "INFINITE", "NAN", "NAN"),
              manifest.rejected().stream()
                  .map(RejectedEntry::tensor)
                  .map(CompressPropertyTest::kind)
                  .sorted()
                  .toList());
          assertEquals(
              List.of("CUBE", "EMPTY", "INTEGERS", "SCALAR", "VECTOR"),
              kinds(manifest, Treatment.PASSTHROUGH));
          assertTrue(
              kinds(manifest, Treatment.SHARED)
                  .containsAll(List.of("DUPLICATE", "HUGE", "NOISY", "SHARED", "TINY", "ZERO")),
              kinds(manifest, Treatment.SHARED).toString());
          assertTrue(kinds(manifest, Treatment.RAW).contains("RANDOM"));
          assertTrue(manifest.totals().compressionRatio() > 1.2);
        });
  }

  private static String kind(String tensor) {
    return tensor.substring(tensor.lastIndexOf('.') + 1);
  }

  private static List<String> kinds(Manifest manifest, Treatment treatment) {
    return manifest.blocks().stream()
        .filter(each -> each.treatment() == treatment)
        .map(BlockEntry::tensor)
        .map(CompressPropertyTest::kind)
        .distinct()
        .sorted()
        .collect(Collectors.toList());
  }

  /** Runs compress and returns its complaints. */
  private static List<String> compress(
      Path input, Path output, String limit, List<String> options) {
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output", output.toString(), "--max-error", limit));
    arguments.addAll(List.of("--parallelism", "2"));
    arguments.addAll(options);
    Session session = Session.run(arguments.toArray(String[]::new));
    return session.exitCode == 0 ? List.of() : session.err();
  }

  private interface Body {
    void run(Path directory) throws IOException;
  }

  private static void inDirectory(Body body) throws IOException {
    Path directory = Files.createTempDirectory("compress");
    try {
      body.run(directory);
    } finally {
      Directories.delete(directory);
    }
  }

  @Provide
  Arbitrary<List<Kind>> kinds() {
    return Arbitraries.of(Kind.values()).list().ofMinSize(4).ofMaxSize(16);
  }

  @Provide
  Arbitrary<List<String>> dtypes() {
    return Arbitraries.of("F64", "F32", "F16", "BF16").list().ofMinSize(1).ofMaxSize(3);
  }

  @Provide
  Arbitrary<String> readings() {
    return Arbitraries.of(READINGS);
  }

  @Provide
  Arbitrary<String> strategies() {
    return Arbitraries.of(CompressionOptions.STRATEGIES);
  }

  @Provide
  Arbitrary<String> limits() {
    return Arbitraries.of(
        "0", "1e-16", "3e-15", "1e-12", "1e-7", "1e-4", "0.003", "0.02", "0.1", "0.5", "0.9");
  }
}
