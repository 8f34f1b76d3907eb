package io.github.colonnade.jobs.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestException;
import io.github.colonnade.jobs.manifest.Manifests;
import io.github.colonnade.jobs.manifest.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a collection that grows refuses, and what is removed beside it. */
class SegmentsTest {
  @TempDir private Path directory;

  private Segments open() throws IOException {
    return Segments.open(out().toString());
  }

  private Path out() {
    return directory.resolve("out");
  }

  private static byte[] segment(int number) {
    return Manifests.write(Manifests.segment(number, 0.5));
  }

  @Test
  void aSegmentOfAnotherRunIsNotReplaced() throws IOException {
    open().publish(1, segment(1), true);

    UsageException failure =
        assertThrows(UsageException.class, () -> open().publish(1, segment(2), true));

    String name = open().root().orElseThrow().file(1);
    assertEquals(
        out()
            + ": "
            + name
            + " is not what this run would write: another run wrote it, or this one was restored"
            + " from an older state than its newest; restore from the newest checkpoint, or give a"
            + " new output",
        failure.getMessage());
  }

  @Test
  void aSegmentThatIsThePartOfAnotherIsNotTheSame() throws IOException {
    byte[] whole = segment(1);
    byte[] longer =
        (new String(whole, StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8);
    open().publish(1, longer, true);

    assertThrows(UsageException.class, () -> open().publish(1, whole, true));
    open().publish(1, longer, true);
  }

  @Test
  void aSegmentWithOtherSettingsIsRefused() throws IOException {
    open().publish(1, segment(1), true);

    UsageException failure =
        assertThrows(
            UsageException.class,
            () -> open().publish(2, Manifests.write(Manifests.segment(2, 0.25)), true));

    assertEquals(
        out() + ": maxError: 0.25, but 0.5 in what is there; give the same, or a new output",
        failure.getMessage());
  }

  @Test
  void aSegmentThatIsNotSoundIsRefused() throws IOException {
    byte[] broken =
        new String(segment(1), StandardCharsets.UTF_8)
            .replace("\"c1\"", "\"\"")
            .getBytes(StandardCharsets.UTF_8);

    assertThrows(ManifestException.class, () -> open().publish(1, broken, true));
    assertTrue(open().root().isEmpty());
  }

  @Test
  void aJointLimitDoesNotGrow() throws IOException {
    Manifest manifest = joint();
    UsageException published =
        assertThrows(
            UsageException.class, () -> open().publish(1, Manifests.write(manifest), true));
    assertTrue(String.valueOf(published.getMessage()).contains("joint error"));

    Files.createDirectories(out());
    Files.write(out().resolve("manifest.json"), Manifests.write(manifest));
    UsageException adopted = assertThrows(UsageException.class, () -> open().adopt());
    assertTrue(String.valueOf(adopted.getMessage()).contains("joint error"));
  }

  private static Manifest joint() throws IOException {
    String text =
        new String(segment(1), StandardCharsets.UTF_8)
            .replace("\"scope\": \"block\"", "\"scope\": \"" + Scope.COLLECTION + "\"");
    return io.github.colonnade.jobs.manifest.ManifestReader.read(
        new java.io.ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void aCollectionOfOneManifestIsAdoptedByteForByte() throws IOException {
    Files.createDirectories(out());
    Files.write(out().resolve("manifest.json"), segment(1));
    assertThrows(UsageException.class, () -> open().publish(1, segment(1), true));

    Segments segments = open();
    assertTrue(segments.isPlain());
    segments.adopt();

    assertEquals(
        new String(segment(1), StandardCharsets.UTF_8),
        Files.readString(out().resolve(open().root().orElseThrow().file(1))));
    segments.publish(2, segment(2), false);
    assertEquals(4, CompressedCollection.open(out().toString()).manifest().blocks().size());
  }

  @Test
  void aFileThatIsNoManifestIsOneLine() throws IOException {
    Files.createDirectories(out());
    Files.writeString(out().resolve("manifest.json"), "{\"schemaVersion\": 1, \"segments\": {");

    assertThrows(ManifestException.class, this::open);
    assertThrows(ManifestException.class, () -> CompressedCollection.open(out().toString()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void onlyWhatNothingNamesIsRemoved(boolean grows) throws IOException {
    Files.createDirectories(out());
    Files.write(out().resolve("manifest.json"), segment(1));
    if (grows) {
      Segments segments = open();
      segments.adopt();
      segments.publish(2, segment(2), true);
    }
    List<String> kept = files();
    for (String leftover :
        List.of(
            "data/9.safetensors",
            "basis.safetensors",
            "data/.9.safetensors.inprogress.0123",
            ".manifest.json.inprogress.4567",
            "data/colonnade-spool-1.tmp",
            "segments-ffffffff/000001.json")) {
      write(leftover);
    }
    if (grows) {
      write(open().root().orElseThrow().file(3));
    }
    List<String> all = files();
    for (String other :
        List.of(
            "data/1.safetensors",
            "notes.txt",
            ".incomplete-7",
            "x/a.json",
            ".stream/chk-1/a.inprogress")) {
      write(other);
    }
    List<String> left = files();
    left.removeAll(all);
    left.addAll(kept);

    List<org.apache.flink.core.fs.Path> removed = open().clean(Segments.Owner.ME);

    assertEquals(new TreeSet<>(left), new TreeSet<>(files()));
    assertEquals(grows ? 7 : 6, removed.size(), removed.toString());
    assertEquals(List.of(), open().clean(Segments.Owner.ME));
  }

  @Test
  void anOpenCollectionIsCleanedOnlyByItsOwner() throws IOException {
    open().publish(1, segment(1), true);
    write("data/9.safetensors");

    assertThrows(UsageException.class, () -> open().clean(Segments.Owner.NOT_ME));
    open().finish();

    assertEquals(1, open().clean(Segments.Owner.NOT_ME).size());
  }

  @Test
  void nothingIsRemovedWhereNoManifestTells() throws IOException {
    write("data/9.safetensors");

    assertEquals(List.of(), open().clean(Segments.Owner.ME));
    assertEquals(List.of("data/9.safetensors"), files());
  }

  private void write(String name) throws IOException {
    Path file = out().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
  }

  private List<String> files() throws IOException {
    try (var walk = Files.walk(out())) {
      return walk.filter(Files::isRegularFile)
          .map(file -> out().relativize(file).toString())
          .collect(Collectors.toList());
    }
  }
}
