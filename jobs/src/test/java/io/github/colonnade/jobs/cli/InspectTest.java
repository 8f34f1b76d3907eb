package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestWriter;
import io.github.colonnade.jobs.manifest.Manifests;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {
  @TempDir private Path directory;

  @BeforeEach
  void writeManifest() throws IOException {
    try (OutputStream out = Files.newOutputStream(directory.resolve(Manifest.FILE_NAME))) {
      ManifestWriter.write(Manifests.golden(), out);
    }
  }

  @Test
  void printsEverything() throws IOException {
    String expected;
    try (InputStream in = InspectTest.class.getResourceAsStream("inspect.txt")) {
      expected = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
    Session session = Session.run("inspect", directory.toString());
    assertEquals(List.of(), session.err());
    assertEquals(0, session.exitCode);
    assertEquals(expected, session.out());
  }

  @Test
  void aLongTableIsCut() {
    String out = Session.run("inspect", directory.toString(), "--top", "1").out();
    assertTrue(out.contains("\n  c0 "), out);
    assertFalse(out.contains("\n  c1 "), out);
    assertTrue(out.contains("\n  1 more clusters, see them with --all\n"), out);
    String all = Session.run("inspect", directory.toString(), "--top", "1", "--all").out();
    assertEquals(Session.run("inspect", directory.toString()).out(), all);
  }

  @Test
  void aUriIsReadByFlink() {
    assertEquals(
        Session.run("inspect", directory.toString()).out(),
        Session.run("inspect", directory.toUri().toString()).out());
  }

  @Test
  void aDirectoryWithoutAManifestIsAMistake() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    for (String name : List.of(empty.toString(), empty + "/none", empty.toUri().toString())) {
      Session session = Session.run("inspect", name);
      assertEquals(
          List.of("colonnade: " + name + ": there is no manifest.json of a finished run"),
          session.err());
      assertEquals(2, session.exitCode);
    }
  }

  @Test
  void aBrokenManifestIsOneLine() throws IOException {
    Path file = directory.resolve(Manifest.FILE_NAME);
    Files.writeString(file, Files.readString(file).replace("\"rank\": 32", "\"rank\": []"));
    Session session = Session.run("inspect", directory.toString());
    assertEquals(
        List.of("colonnade: manifest.json: clusters[0].rank: expected a whole number"),
        session.err());
    assertEquals(2, session.exitCode);
  }
}
