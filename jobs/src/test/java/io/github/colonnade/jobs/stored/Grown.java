package io.github.colonnade.jobs.stored;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Manifests;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.Timings;
import io.github.colonnade.jobs.manifest.Totals;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;

/** Makes collections in segments of collections with one manifest. */
public final class Grown {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Grown() {}

  /** Puts the outputs of runs into one directory, as a segment each; the last is not open. */
  public static void of(Path directory, Path... outputs) throws IOException {
    Segments segments = Segments.open(directory.toString());
    for (int i = 0; i < outputs.length; i++) {
      String prefix = "run-" + i + "/";
      try (var files = Files.walk(outputs[i])) {
        for (Path file : files.filter(each -> each.toString().endsWith(".safetensors")).toList()) {
          Path copy = directory.resolve(prefix + outputs[i].relativize(file));
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
      byte[] old = Files.readAllBytes(outputs[i].resolve(Manifest.FILE_NAME));
      ObjectNode manifest = (ObjectNode) JSON.readTree(old);
      prefix(manifest, prefix);
      ObjectNode totals = (ObjectNode) manifest.get("totals");
      long more = (long) manifest.toString().length() - old.length;
      long stored = totals.get("bytesStored").asLong() + more;
      totals.put("bytesStored", stored);
      totals.put("bytesRatio", Totals.ratio(totals.get("bytesIn").asLong(), stored));
      segments.publish(
          i + 1, manifest.toString().getBytes(StandardCharsets.UTF_8), i < outputs.length - 1);
    }
  }

  /** Adds a segment that has nothing but rejections. */
  public static void reject(Path directory, boolean open, RejectedEntry... rejected)
      throws IOException {
    Settings settings = Segments.open(directory.toString()).settings().orElseThrow();
    publish(
        directory,
        size ->
            new Manifest(
                settings,
                Totals.of(0, 0, 0, 0, 0, size, 0, 0, 0),
                new Timings(0, 0, 0, 0, 0),
                List.of(),
                List.of(),
                List.of(rejected)),
        open);
  }

  /**
   * Adds a segment.
   *
   * @param manifest of its own size in bytes
   */
  public static void publish(Path directory, LongFunction<Manifest> manifest, boolean open)
      throws IOException {
    Segments segments = Segments.open(directory.toString());
    long size = Manifests.write(manifest.apply(0)).length;
    segments.publish(
        segments.root().orElseThrow().count() + 1, Manifests.write(manifest.apply(size)), open);
  }

  private static void prefix(ObjectNode manifest, String prefix) {
    for (JsonNode cluster : manifest.get("clusters")) {
      prefix(cluster, "id", prefix);
    }
    for (JsonNode block : manifest.get("blocks")) {
      prefix(block, "id", prefix);
      prefix(block, "cluster", prefix);
    }
    for (JsonNode location : manifest.findParents("file")) {
      prefix(location, "file", prefix);
    }
  }

  private static void prefix(JsonNode entry, String key, String prefix) {
    if (entry.has(key)) {
      ((ObjectNode) entry).put(key, prefix + entry.get(key).asText());
    }
  }
}
