package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
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
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code stream}, from files to a collection that can be verified. */
class StreamIT {
  private static final int FILES = 12;
  private static final long SEED = 20_261_129;

  @TempDir private Path directory;

  private Path input;
  private Path output;

  @BeforeEach
  void prepare() throws IOException {
    input = Files.createDirectory(directory.resolve("in"));
    output = directory.resolve("out");
  }

  @Test
  void oneBatchIsStoredAsCompressStoresIt() throws IOException {
    for (int i = 0; i < FILES; i++) {
      write(i, Kind.values());
    }
    Session bounded =
        Session.run(
            "compress",
            input.toString(),
            "--output=" + directory.resolve("bounded"),
            "--max-error=0.1",
            "--transpose=never");
    assertEquals(0, bounded.exitCode, bounded.err().toString());
    Session stream = stream();
    assertEquals(0, stream.exitCode, stream.err().toString());
    Manifest expected =
        CompressedCollection.open(directory.resolve("bounded").toString()).manifest();
    CompressedCollection collection = CompressedCollection.open(output.toString());
    assertFalse(collection.isOpen());
    Manifest found = collection.manifest();
    assertEquals(expected.totals().numbersIn(), found.totals().numbersIn());
    assertEquals(expected.totals().numbersStored(), found.totals().numbersStored());
    assertEquals(expected.totals().bytesIn(), found.totals().bytesIn());
    assertEquals(names(expected), names(found));
    assertEquals(
        expected.rejected().stream().map(RejectedEntry::tensor).sorted().toList(),
        found.rejected().stream().map(RejectedEntry::tensor).sorted().toList());
    verify();
    assertFalse(Files.exists(output.resolve(".stream")));
  }

  @Test
  void whatCannotBeReadIsRejectedAndTheRestIsStored() throws IOException {
    write(0, Kind.SHARED, Kind.NAN, Kind.NOISY);
    Files.writeString(input.resolve("broken.safetensors"), "no tensors");
    Session stream = stream();
    assertEquals(0, stream.exitCode, stream.err().toString());
    Manifest manifest = CompressedCollection.open(output.toString()).manifest();
    assertEquals(2, manifest.blocks().size());
    assertEquals(
        List.of(RejectionCause.NOT_FINITE, RejectionCause.UNREADABLE),
        manifest.rejected().stream().map(RejectedEntry::cause).sorted().toList());
    verify();
  }

  @Test
  void nothingIsACollectionToo() throws IOException {
    Session stream = stream();
    assertEquals(0, stream.exitCode, stream.err().toString());
    CompressedCollection collection = CompressedCollection.open(output.toString());
    assertEquals(List.of(), collection.manifest().blocks());
    assertFalse(collection.isOpen());
  }

  @Test
  void aStreamThatHasEndedIsNotBegunAgain() throws IOException {
    write(0, Kind.SHARED);
    assertEquals(0, stream().exitCode);
    Session again = stream();
    assertEquals(2, again.exitCode);
    assertTrue(
        again
            .err()
            .get(0)
            .endsWith("the output is there already; remove it or give another --output"),
        again.err().toString());
  }

  @Test
  void refusesWhatItCannotDo() throws IOException {
    write(0, Kind.SHARED);
    for (String option :
        List.of("--scope=collection", "--strict", "--partitions=2", "--every=0s", "--idle=soon")) {
      Session session = stream(option);
      assertEquals(2, session.exitCode, option);
      assertTrue(
          session.err().get(0).contains(option.replaceAll("=.*", "")), session.err().toString());
    }
    assertFalse(Files.exists(output));
    Session missing =
        Session.run("stream", input + "/none", "--output=" + output, "--max-error=0.1", "--once");
    assertEquals(2, missing.exitCode);
    assertFalse(Files.exists(output));
  }

  /**
   * Processes are killed at any moment and begun again with another parallelism; files that come in
   * the meantime are taken, and each is there once.
   */
  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aKilledStreamGoesOnWhereItWas() throws Exception {
    Random random = new Random(SEED);
    int kills = Integer.getInteger("colonnade.fault.runs", 3);
    for (int run = 0; run < kills; run++) {
      write(run, Kind.SHARED, Kind.NOISY, Kind.SOME);
      boolean last = run == kills - 1;
      Process process = start(1 + run % 3, List.of());
      try {
        if (last) {
          while (process.isAlive() && blocks() < 3 * kills) {
            process.waitFor(50, TimeUnit.MILLISECONDS);
          }
        } else {
          process.waitFor(2_000 + random.nextInt(6_000), TimeUnit.MILLISECONDS);
        }
        assertTrue(process.isAlive(), "the stream has ended by itself");
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
    assertTrue(CompressedCollection.open(output.toString()).isOpen());
    verify();
    Session other =
        Session.run("stream", input.toString(), "--output=" + output, "--max-error=0.2");
    assertEquals(2, other.exitCode);
    assertTrue(
        other.err().get(0).contains("(--max-error 0.1, now --max-error 0.2)"),
        other.err().toString());
    Manifest manifest = CompressedCollection.open(output.toString()).manifest();
    List<String> ids = manifest.blocks().stream().map(BlockEntry::id).toList();
    assertEquals(ids.size(), new TreeSet<>(ids).size());
    assertEquals(3 * kills, ids.size());
  }

  private Process start(int parallelism, List<String> more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "stream",
                input.toString(),
                "--output=" + output,
                "--max-error=0.1",
                "--every=100ms",
                "--publish-every=100ms",
                "--idle=200ms",
                "--parallelism=" + parallelism));
    arguments.addAll(more);
    return ChildProgram.start("1g", arguments.toArray(String[]::new));
  }

  /** A stream that ends, killed at any moment until it does, stores everything. */
  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aStreamThatEndsEndsThoughItIsKilled() throws Exception {
    int kills = Integer.getInteger("colonnade.fault.runs", 3);
    for (int i = 0; i < FILES; i++) {
      write(i, Kind.SHARED, Kind.NOISY, Kind.SOME);
    }
    Random random = new Random(SEED + 1);
    for (int run = 0; run < kills; run++) {
      Process process = start(2, List.of("--once", "--batch=8"));
      try {
        process.waitFor(2_000 + random.nextInt(6_000), TimeUnit.MILLISECONDS);
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
    Session last = stream("--batch=8");
    assertTrue(
        last.exitCode == 0 || last.err().get(0).contains("is there already"),
        last.err().toString());
    assertFalse(CompressedCollection.open(output.toString()).isOpen());
    assertEquals(3 * FILES, blocks());
    assertFalse(Files.exists(output.resolve(".stream")));
    verify();
  }

  private int blocks() throws IOException {
    if (!Files.exists(output.resolve(Manifest.FILE_NAME))) {
      return 0;
    }
    return CompressedCollection.open(output.toString()).manifest().blocks().size();
  }

  private Session stream(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "stream",
                input.toString(),
                "--output=" + output,
                "--max-error=0.1",
                "--once",
                "--publish-every=200ms"));
    arguments.addAll(Arrays.asList(more));
    return Session.run(arguments.toArray(String[]::new));
  }

  private void verify() {
    Session session = Session.run("verify", output.toString());
    assertEquals(0, session.exitCode, session.out() + session.err());
  }

  private void write(int number, Kind... kinds) throws IOException {
    // As a whole, so that no half of a file is taken.
    Path file = directory.resolve("part-" + number + ".safetensors");
    Tensor.write(file, TestCollections.of(List.of(kinds), List.of("F32", "BF16"), number));
    Files.move(file, input.resolve(file.getFileName()));
  }

  private static List<String> names(Manifest manifest) {
    return manifest.blocks().stream()
        .map(each -> each.source().replaceAll(".*/", "") + ":" + each.tensor() + " " + each.error())
        .sorted()
        .collect(Collectors.toList());
  }
}
