package io.github.colonnade.jobs.reconstruct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.flink.LocalTarget;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.ManifestEdits;
import io.github.colonnade.jobs.stored.PlainSafetensors;
import io.github.colonnade.jobs.stored.Samples;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reconstruct leaves out when asked to, does without, or refuses. */
class ReconstructionRefusalIT {
  @TempDir Path root;

  private CompressedDirectories sample() throws IOException {
    return Samples.everything(root).write(Samples.LIMIT, Scope.BLOCK);
  }

  private Path dense() {
    return root.resolve("dense");
  }

  private String reconstruct(CompressedDirectories directories, String... only) throws Exception {
    StringWriter out = new StringWriter();
    new Reconstruction(directories.out().toString(), dense().toString(), List.of(only))
        .run(
            new LocalTarget(2),
            PayloadLimit.NONE,
            new PrintWriter(out, true),
            new PrintWriter(new StringWriter(), true),
            false);
    return out.toString().strip();
  }

  private String refused(CompressedDirectories directories, String... only) throws Exception {
    UsageException failure =
        assertThrows(UsageException.class, () -> reconstruct(directories, only));
    assertFalse(Files.exists(dense()), "there is an output");
    assertNothingIsLeft();
    return String.valueOf(failure.getMessage());
  }

  private void assertNothingIsLeft() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      assertEquals(List.of(), files.filter(f -> f.toString().contains("incomplete")).toList());
    }
  }

  @Test
  void writesOnlyWhatIsAskedFor() throws Exception {
    String line = reconstruct(sample(), "a", "rows");

    assertTrue(line.startsWith("wrote 2 tensors ("), line);
    assertNothingIsLeft();
    assertEquals(1, PlainSafetensors.read(dense().resolve(Samples.SHARD_1)).names().size());
    assertEquals(1, PlainSafetensors.read(dense().resolve(Samples.SHARD_2)).names().size());
    assertFalse(Files.exists(dense().resolve("bias.safetensors")));
  }

  @Test
  void worksWithoutTheOriginals() throws Exception {
    CompressedDirectories sample = sample();
    for (String file : List.of(Samples.SHARD_1, Samples.SHARD_2, Samples.NPY)) {
      Files.delete(sample.in().resolve(file));
    }

    assertTrue(reconstruct(sample).startsWith("wrote 13 tensors ("));
  }

  @Test
  void refusesAnUnknownName() throws Exception {
    assertEquals(
        "--only: there is no tensor hafl; did you mean half?", refused(sample(), "a", "hafl"));
  }

  @Test
  void refusesAnOutputThatExists() throws Exception {
    CompressedDirectories sample = sample();
    Files.createDirectory(dense());

    UsageException failure = assertThrows(UsageException.class, () -> reconstruct(sample));
    assertEquals(dense() + ": it exists; give the name of a new directory", failure.getMessage());
    try (Stream<Path> files = Files.list(dense())) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void refusesASourceThatLeadsOutOfTheOutput() throws Exception {
    CompressedDirectories sample = sample();
    sample.rewrite(
        m -> ManifestEdits.blocks(m, b -> ManifestEdits.source(b, b.source() + "\\..\\x")));

    assertTrue(refused(sample).endsWith("has a name that no file is written to"));
  }

  @Test
  void removesWhatItHasWrittenWhenAFactorIsMissing() throws Exception {
    CompressedDirectories sample = sample();
    Files.delete(sample.factors());

    assertTrue(refused(sample).startsWith("f0.safetensors: there is no such file"));
  }

  @Test
  void refusesTensorsThatAreNotWhole() throws Exception {
    CompressedDirectories sample = sample();
    sample.rewrite(m -> ManifestEdits.withoutBlock(m, Samples.SHARD_2 + "#rows[5:9]"));

    assertTrue(refused(sample).endsWith("its columns 5 to 9 are in no block"));
  }
}
