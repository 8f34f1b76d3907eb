package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results beside each other. */
class DiffIT {
  private static final List<Kind> KINDS =
      List.of(
          Kind.NOISY,
          Kind.NOISY,
          Kind.NOISY,
          Kind.NOISY,
          Kind.SOME,
          Kind.RANDOM,
          Kind.VECTOR,
          Kind.NAN);

  @TempDir private Path root;

  private List<Tensor> tensors() {
    return new ArrayList<>(TestCollections.of(KINDS, List.of("F32"), 3));
  }

  private String compress(String name, Path input, String... options) {
    String output = root.resolve(name).toString();
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output", output, "--max-error=.1"));
    arguments.addAll(List.of(options));
    Session session = Session.run(arguments.toArray(String[]::new));
    assertEquals(0, session.exitCode, session.err().toString());
    assertTrue(session.out().endsWith("  report    colonnade report " + output + "\n"));
    return output;
  }

  private static Manifest manifest(String output) throws IOException {
    return CompressedCollection.open(output).manifest();
  }

  @Test
  void theSameAgainIsEqual() {
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors());
    String first = compress("first", input);
    String second = compress("second", input, "--parallelism=1");

    Session session = Session.run("diff", first, second);
    assertEquals(0, session.exitCode, session.out());
    assertEquals("  equal: 7 blocks\n", session.out());
  }

  @Test
  void anotherStoreTypeIsSeenInSettingsTotalsAndBlocks() throws IOException {
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors());
    String first = compress("first", input);
    String second = compress("second", input, "--store-dtype=bf16");

    Session text = Session.run("diff", first, second);
    assertEquals(1, text.exitCode);
    assertTrue(text.out().contains("Factors stored as  source  bf16"), text.out());
    assertTrue(text.out().contains("largest changes"), text.out());

    Session session = Session.run("diff", first, second, "--json");
    assertEquals(1, session.exitCode);
    JsonNode json = new ObjectMapper().readTree(session.out());
    Manifest a = manifest(first);
    Manifest b = manifest(second);
    long errors = 0;
    for (int i = 0; i < a.blocks().size(); i++) {
      errors += a.blocks().get(i).error() == b.blocks().get(i).error() ? 0 : 1;
    }
    assertTrue(errors > 0);
    assertEquals(errors, json.at("/counts/error").asLong());
    assertEquals(a.blocks().size(), json.at("/compared").asLong());
    assertEquals(0, json.at("/originals").asLong());
  }

  @Test
  void whatIsOnlyInOneIsNamedWhereverTheFilesAre() throws IOException {
    List<Tensor> less = tensors();
    Tensor gone = less.remove(4);
    Path one = Files.createDirectory(root.resolve("one"));
    Path two = Files.createDirectory(root.resolve("two"));
    String first = compress("first", Tensor.write(one.resolve("in.safetensors"), tensors()));
    String second = compress("second", Tensor.write(two.resolve("in.safetensors"), less));

    Session session = Session.run("diff", first, second, "--json");
    assertEquals(1, session.exitCode);
    JsonNode json = new ObjectMapper().readTree(session.out());
    assertEquals(1, json.at("/onlyInFirst").size());
    assertEquals("in.safetensors: " + gone.name(), json.at("/onlyInFirst/0").asText());
    assertEquals(0, json.at("/onlyInSecond").size());
    assertEquals(6, json.at("/compared").asLong());
  }

  @Test
  void whatIsNoResultIsToldInOneLine() {
    Session session = Session.run("diff", root.toString(), root.toString());
    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size());
  }
}
