package io.github.colonnade.jobs.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A collection with the partitions and errors that the published strategies must give.
 *
 * @param file safetensors
 * @param expected the answers
 */
public record PublishedCollection(Path file, JsonNode expected) {

  public static PublishedCollection load(String name) {
    try {
      return new PublishedCollection(
          resource(name + ".safetensors"),
          new ObjectMapper().readTree(resource(name + ".expected.json").toFile()));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(PublishedCollection.class.getResource("/fixtures/" + name), name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
