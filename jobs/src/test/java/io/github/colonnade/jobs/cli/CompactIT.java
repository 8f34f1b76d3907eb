package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collection of many segments becomes what one run would have made. */
class CompactIT {
  private static final int FILES = 10;

  @TempDir private Path directory;

  private Path input;
  private Path output;

  /** Several batches of the same rows, in one segment, and another segment by {@code add}. */
  @BeforeEach
  void grow() throws IOException {
    input = Files.createDirectory(directory.resolve("in"));
    output = directory.resolve("out");
    for (int i = 0; i < FILES; i++) {
      List<Kind> kinds =
          i == 3
              ? List.of(Kind.NAN, Kind.SHARED)
              : List.of(Kind.SHARED, Kind.NOISY, Kind.SOME, Kind.VECTOR);
      Tensor.write(
          input.resolve("part-" + i + ".safetensors"),
          TestCollections.of(kinds, List.of("F32"), i % 3));
    }
    Files.writeString(input.resolve("broken.npy"), "no array");
    run(
        "stream",
        input.toString(),
        "--output=" + output,
        "--max-error=0.1",
        "--once",
        "--batch=8",
        "--publish-every=100ms");
    Path more = directory.resolve("more.safetensors");
    Tensor.write(more, TestCollections.of(List.of(Kind.SHARED, Kind.NOISY), List.of("F32"), 1));
    run("add", more.toString(), "--to=" + output);
    Files.delete(input.resolve("broken.npy"));
  }

  @Test
  void takesAsManyNumbersAsOneRun() throws IOException {
    Manifest before = manifest(output);
    run("compact", output.toString());
    CompressedCollection compacted = CompressedCollection.open(output.toString());
    assertEquals(1, compacted.root().orElseThrow().count());
    Manifest after = compacted.manifest();
    Path whole = directory.resolve("whole");
    run(
        "compress",
        input.toString(),
        directory.resolve("more.safetensors").toString(),
        "--output=" + whole,
        "--max-error=0.1",
        "--transpose=never");
    assertEquals(manifest(whole).totals().numbersStored(), after.totals().numbersStored());
    assertTrue(after.totals().numbersStored() < before.totals().numbersStored());
    assertEquals(before.totals().numbersIn(), after.totals().numbersIn());
    assertEquals(before.totals().blocks(), after.totals().blocks());
    assertEquals(before.settings().inputs(), after.settings().inputs());
    assertEquals(before.rejected(), after.rejected());
    run("verify", output.toString());
    // What was replaced is gone.
    try (var files = Files.walk(output)) {
      List<String> names = files.filter(Files::isRegularFile).map(each -> each.toString()).toList();
      assertTrue(
          names.stream().filter(each -> each.endsWith(".json")).count() == 2, names.toString());
    }
    assertTrue(run("compact", output.toString()).out().contains("in one piece already"));
  }

  @Test
  void originalsThatChangedOrAreGoneChangeNothing() throws IOException {
    byte[] root = Files.readAllBytes(output.resolve(Manifest.FILE_NAME));
    Path file = input.resolve("part-0.safetensors");
    byte[] original = Files.readAllBytes(file);
    byte[] changed = original.clone();
    changed[changed.length - 1] ^= 1;
    Files.write(file, changed);
    Session other = Session.run("compact", output.toString());
    assertEquals(2, other.exitCode, other.err().toString());
    String told = other.err().get(other.err().size() - 1);
    assertTrue(told.contains("nothing was changed, since 1 block"), told);
    Files.delete(file);
    Session gone = Session.run("compact", output.toString());
    assertEquals(2, gone.exitCode);
    assertTrue(gone.err().get(0).contains("there is no such file"), gone.err().toString());
    Files.write(file, original);
    assertArrayEquals(root, Files.readAllBytes(output.resolve(Manifest.FILE_NAME)));
    run("verify", output.toString());
  }

  private static Manifest manifest(Path collection) throws IOException {
    return CompressedCollection.open(collection.toString()).manifest();
  }

  private static Session run(String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(
        0, session.exitCode, () -> new ArrayList<>(Arrays.asList(arguments)) + " " + session.err());
    return session;
  }
}
