package io.github.colonnade.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.colonnade.tests.store.S3Proxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The output of a run as a reader sees it.
 *
 * @param uri of the output
 */
record StoredOutput(Storage storage, String uri) {
  private static final String MANIFEST = "manifest.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where it is. */
  private interface Storage {
    /** The names of all files below it, in their order. */
    List<String> files() throws IOException;

    byte[] bytes(String file) throws IOException;
  }

  /** Output in an object store. */
  static StoredOutput inStore(S3Proxy store, String bucket, String name) {
    Storage storage =
        new Storage() {
          @Override
          public List<String> files() throws IOException {
            List<String> names = new ArrayList<>();
            for (String key : store.keys(bucket, name + "/")) {
              names.add(key.substring(name.length() + 1));
            }
            return names;
          }

          @Override
          public byte[] bytes(String file) throws IOException {
            return store.get(bucket, name + "/" + file);
          }
        };
    return new StoredOutput(storage, "s3://" + bucket + "/" + name);
  }

  /** Output on a disk. */
  static StoredOutput inFolder(Path folder) {
    Storage storage =
        new Storage() {
          @Override
          public List<String> files() throws IOException {
            return Folders.files(folder);
          }

          @Override
          public byte[] bytes(String file) throws IOException {
            return Files.readAllBytes(folder.resolve(file));
          }
        };
    return new StoredOutput(storage, folder.toUri().toString());
  }

  /** The names of all files, in their order. */
  List<String> files() throws IOException {
    return storage.files();
  }

  /** Whether a reader takes it for a result. */
  boolean isPublished() throws IOException {
    return files().contains(MANIFEST);
  }

  private JsonNode json(String file) throws IOException {
    return JSON.readTree(storage.bytes(file));
  }

  /** The manifest less what depends on the machine. */
  private JsonNode manifest() throws IOException {
    JsonNode manifest = json(MANIFEST);
    assertTrue(((ObjectNode) manifest).remove("timings") != null, "no timings");
    return manifest;
  }

  /** The source of each block and each rejected tensor of a collection that grows. */
  List<String> sources() throws IOException {
    if (!isPublished()) {
      return List.of();
    }
    JsonNode segments = json(MANIFEST).path("segments");
    List<String> sources = new ArrayList<>();
    for (int i = 1; i <= segments.path("count").asInt(); i++) {
      JsonNode segment =
          json(String.format("%s/%06d.json", segments.path("directory").asText(), i));
      sources.addAll(segment.path("blocks").findValuesAsText("source"));
      sources.addAll(segment.path("rejected").findValuesAsText("source"));
    }
    return sources;
  }

  /** Waits until a collection that grows has so many, and fails if it ever has more. */
  void awaitSources(int count) throws Exception {
    Await.until(
        count + " tensors are in the collection",
        Session.PATIENCE,
        () -> {
          int now = sources().size();
          assertTrue(now <= count, now + " tensors");
          return now == count;
        },
        () -> "");
  }

  /** Checks that all that a manifest speaks of is there, if it is published. */
  void requireWholeOrNothing() throws IOException {
    if (isPublished()) {
      Set<String> named = new TreeSet<>(json(MANIFEST).findValuesAsText("file"));
      Set<String> missing = new TreeSet<>(named);
      files().forEach(missing::remove);
      assertEquals(Set.of(), missing, "files that the manifest names");
    }
  }

  /** Checks that this output is that of another run, byte for byte, and nothing else. */
  void requireSame(StoredOutput expected) throws IOException {
    assertEquals(expected.files(), files());
    assertEquals(expected.manifest(), manifest());
    for (String file : files()) {
      if (!file.equals(MANIFEST)) {
        assertArrayEquals(expected.storage.bytes(file), storage.bytes(file), file);
      }
    }
  }
}
