package io.github.colonnade.jobs.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A collection may be anybody's, and what lies outside it is not touched. */
class LinksTest {
  @TempDir private Path root;

  private Path collection;
  private Path outside;

  @BeforeEach
  void write() throws Exception {
    collection = Samples.everything(root).write(Samples.LIMIT, Scope.BLOCK).out();
    outside = Files.createDirectories(root.resolve("outside"));
    Files.writeString(outside.resolve("model.safetensors"), "mine");
  }

  @Test
  void cleaningDoesNotFollowLinks() throws IOException {
    Path left = Files.writeString(collection.resolve("left.safetensors"), "left by a run");
    Files.createSymbolicLink(collection.resolve("elsewhere"), outside);
    Files.createSymbolicLink(
        collection.resolve("one.safetensors"), outside.resolve("model.safetensors"));
    Segments.open(collection.toString()).clean(Segments.Owner.ME);
    assertFalse(Files.exists(left));
    assertEquals("mine", Files.readString(outside.resolve("model.safetensors")));
    assertTrue(Files.isSymbolicLink(collection.resolve("one.safetensors")));
  }

  @Test
  void nothingIsWrittenThroughALink() throws IOException {
    Files.createSymbolicLink(collection.resolve(Segments.DATA), outside);
    UsageException failure =
        assertThrows(UsageException.class, () -> Segments.open(collection.toString()));
    String message = String.valueOf(failure.getMessage());
    assertTrue(message.contains("data is a link"), message);
  }

  @Test
  void aCollectionOfLinksCanBeRead() throws IOException {
    Path links = Files.createDirectory(root.resolve("links"));
    try (var files = Files.list(collection)) {
      for (Path file : files.toList()) {
        Files.createSymbolicLink(links.resolve(file.getFileName()), file);
      }
    }
    assertEquals(
        CompressedCollection.open(collection.toString()).manifest().blocks(),
        CompressedCollection.open(links.toString()).manifest().blocks());
  }
}
