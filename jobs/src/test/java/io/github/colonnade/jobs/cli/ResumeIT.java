package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that is stopped goes on, and its result is that of one that was not. */
class ResumeIT {
  private static final long SEED = 20_261_130;

  @TempDir private Path directory;

  private Path input;

  @BeforeEach
  void write() throws IOException {
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      kinds.addAll(Arrays.asList(Kind.values()));
    }
    input = directory.resolve("in.safetensors");
    Tensor.write(input, TestCollections.of(kinds, List.of("F32", "BF16", "F64"), 5));
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aRunThatIsKilledAtAnyMomentGoesOn() throws Exception {
    Path whole = directory.resolve("whole");
    assertEquals(0, Session.run(arguments(whole)).exitCode);
    Path output = directory.resolve("out");
    Random random = new Random(SEED);
    int kills = Integer.getInteger("colonnade.fault.runs", 3);
    for (int i = 0; i < kills && !Files.exists(output); i++) {
      Process process = ChildProgram.start("1g", arguments(output, "--resume"));
      try {
        process.waitFor(1_500 + random.nextInt(6_000), TimeUnit.MILLISECONDS);
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
    if (!Files.exists(output)) {
      Session last = Session.run(arguments(output, "--resume"));
      assertEquals(0, last.exitCode, last.err().toString());
    }
    same(whole, output);
  }

  @Test
  void onlyTheSameRunGoesOn() throws Exception {
    Path output = directory.resolve("out");
    Path kept = directory.resolve(".out.resume");
    Process process = ChildProgram.start("1g", arguments(output, "--resume"));
    try {
      while (process.isAlive() && !Files.exists(kept.resolve("sketched"))) {
        process.waitFor(5, TimeUnit.MILLISECONDS);
      }
      assertTrue(process.isAlive(), "it has ended");
    } finally {
      process.destroyForcibly().waitFor();
    }
    refused("had other options", arguments(output, "--resume", "--scope=cluster"));
    FileTime time = Files.getLastModifiedTime(input);
    Files.setLastModifiedTime(input, FileTime.fromMillis(1_000));
    refused("had other inputs", arguments(output, "--resume"));
    assertFalse(Files.exists(output));
    Files.setLastModifiedTime(input, time);
    Session session = Session.run(arguments(output, "--resume"));
    assertEquals(0, session.exitCode, session.err().toString());
    assertTrue(session.err().get(0).contains("goes on with"), session.err().toString());
    assertTrue(
        session.err().stream().noneMatch(line -> line.startsWith("sketch")),
        session.err().toString());
    assertTrue(
        session.err().stream().anyMatch(line -> line.startsWith("encode")),
        session.err().toString());
    assertEquals(0, Session.run("verify", output.toString()).exitCode);
  }

  /** What is left of an output that was taken away does not stand for its files. */
  @Test
  void outcomesWithoutFilesAreNotTaken() throws Exception {
    Path output = directory.resolve("out");
    Path kept = directory.resolve(".out.resume");
    Process process = ChildProgram.start("1g", arguments(output, "--resume"));
    try {
      while (process.isAlive()
          && !Files.exists(kept.resolve("outcomes"))
          && !Files.exists(output)) {
        process.waitFor(1, TimeUnit.MILLISECONDS);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    if (Files.exists(kept.resolve("result"))) {
      for (String name : Directories.names(kept.resolve("result"))) {
        Files.delete(kept.resolve("result").resolve(name));
      }
    }
    if (!Files.exists(output)) {
      assertEquals(0, Session.run(arguments(output, "--resume")).exitCode);
    }
    assertEquals(0, Session.run("verify", output.toString()).exitCode);
  }

  @Test
  void keepsNothingWhenItIsDone() throws Exception {
    Path output = directory.resolve("out");
    Session session = Session.run(arguments(output, "--resume"));
    assertEquals(0, session.exitCode, session.err().toString());
    assertEquals(List.of("in.safetensors", "out"), Directories.names(directory));
    assertEquals(2, Session.run(arguments(output, "--resume")).exitCode);
    refused(
        "--resume: only with",
        "compress",
        input.toString(),
        "--output=x",
        "--target-ratio=2",
        "--resume");
  }

  private static void refused(String reason, String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(2, session.exitCode, session.err().toString());
    String told = session.err().get(session.err().size() - 1);
    assertTrue(told.contains(reason), told);
  }

  private String[] arguments(Path output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "compress",
                input.toString(),
                "--output=" + output,
                "--max-error=0.1",
                "--transpose=never"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray(String[]::new);
  }

  private static void same(Path expected, Path found) throws IOException {
    assertEquals(Directories.names(expected), Directories.names(found));
    for (String name : Directories.names(expected)) {
      if (!name.equals(Manifest.FILE_NAME)) {
        assertArrayEquals(
            Files.readAllBytes(expected.resolve(name)),
            Files.readAllBytes(found.resolve(name)),
            name);
      }
    }
    Manifest one = CompressedCollection.open(expected.toString()).manifest();
    Manifest other = CompressedCollection.open(found.toString()).manifest();
    assertEquals(one.blocks(), other.blocks());
    assertEquals(one.clusters(), other.clusters());
    assertEquals(one.rejected(), other.rejected());
    assertEquals(one.totals(), other.totals());
  }
}
