package io.github.colonnade.jobs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The published schema and the writer agree. */
class ManifestSchemaTest {
  private static final Schema SCHEMA = schema();

  private static Schema schema() {
    try {
      String text = Files.readString(Path.of("..", "docs", "manifest.schema.json"));
      return SchemaRegistry.withDialect(Dialects.getDraft202012()).getSchema(text);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Error> faults(String manifest) {
    return SCHEMA.validate(manifest, InputFormat.JSON);
  }

  @Example
  void theGoldenFileIsValid() throws IOException {
    assertEquals(List.of(), faults(ManifestWriterTest.goldenText()));
  }

  @Example
  void aRootIsValid() throws IOException {
    Root root = new Root("segments-6f3a9c01", 17, true);
    assertEquals(List.of(), faults(new String(ManifestWriter.bytes(root), StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"directory\": \"../segments-6f3a9c01\", \"count\": 1, \"open\": true}",
        "{\"directory\": \"segments-6f3a9c01\", \"count\": 0, \"open\": true}",
        "{\"directory\": \"segments-6f3a9c01\", \"count\": 1000000000, \"open\": true}",
        "{\"directory\": \"segments-6f3a9c01\", \"count\": 1}",
        "{\"directory\": \"segments-6f3a9c01\", \"count\": 1, \"open\": true, \"more\": 1}"
      })
  void aFaultOfARootIsInvalid(String segments) {
    assertFalse(faults("{\"schemaVersion\": 1, \"segments\": " + segments + "}").isEmpty());
  }

  @Provide
  Arbitrary<Manifest> manifests() {
    return Manifests.any();
  }

  @Property(tries = 100)
  void whatIsWrittenIsValid(@ForAll("manifests") Manifest manifest) {
    assertEquals(List.of(), faults(new String(Manifests.write(manifest), StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"rank\": 32|\"rank\": 32.5",
        "\"rank\": 32|\"rank\": 0",
        "\"rank\": 32, |\"x\": 32, ",
        "\"lower\": 0.01|\"lower\": -1",
        "\"scope\": \"block\"|\"scope\": \"tensor\"",
        "\"partitions\": 3|\"partitions\": 1",
        "\"families\": |\"asked\": 0, \"families\": ",
        "\"schemaVersion\": 1|\"schemaVersion\": 2",
        "\"strict\": true|\"strict\": true, \"more\": 1",
        "\"shape\": [384, 1536]|\"shape\": [384, -1]",
        "\"treatment\": \"raw\"|\"treatment\": \"shared\"",
        "\"treatment\": \"shared\"|\"treatment\": \"raw\"",
        "\"treatment\": \"passthrough\"|\"treatment\": \"raw\"",
        "\"treatment\": \"raw\"|\"treatment\": \"passthrough\"",
        "\"sha256\": \"0123|\"sha256\": \"ABCD",
        "\"file\": \"raw-0|\"file\": \"../raw-0",
        "\"file\": \"raw-0|\"file\": \"/raw-0",
        "\"file\": \"raw-0|\"file\": \"a//raw-0",
        "\"file\": \"raw-0|\"file\": \"a\\\\raw-0",
        "\"cause\": \"late\"|\"cause\": \"lost\"",
        "\"reason\": |\"why\": "
      })
  void aFaultIsInvalid(String found, String by) throws IOException {
    String golden = ManifestWriterTest.goldenText();
    String text = golden.replaceFirst(Pattern.quote(found), Matcher.quoteReplacement(by));
    assertNotEquals(golden, text, "nothing replaced");
    assertFalse(faults(text).isEmpty());
  }
}
