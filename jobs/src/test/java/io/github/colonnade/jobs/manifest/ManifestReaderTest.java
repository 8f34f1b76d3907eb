package io.github.colonnade.jobs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {
  /** What in the golden file is replaced (a regular expression, once), by what, and the message. */
  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of("\"rank\": 32", "\"rank\": 32.5", "clusters[0].rank: expected a whole number"),
        Arguments.of(
            "\"rank\": 32", "\"rank\": \"32\"", "clusters[0].rank: expected a whole number"),
        Arguments.of("\"rank\": 32", "\"rank\": null", "clusters[0].rank: expected a whole number"),
        Arguments.of(
            "\"rank\": 32",
            "\"rank\": 4294967297",
            "clusters[0].rank: expected a whole number below 2^31"),
        Arguments.of(
            "\"rank\": 32",
            "\"rank\": 99999999999999999999",
            "clusters[0].rank: expected a whole number"),
        Arguments.of("\"rank\": 32, ", "", "clusters[0].rank: missing"),
        Arguments.of(
            "\"rank\": 0",
            "\"rank\": 385",
            "clusters[1].rank: expected at most the 384 rows, got 385"),
        Arguments.of(
            "\"rank\": 32",
            "\"rank\": 1073741824",
            "clusters[0].mask: expected fewer than 2^31 numbers, got 2 blocks at rank 1073741824"),
        Arguments.of("\"mask\": [^}]*\\}", "\"mask\": 7", "clusters[0].mask: expected an object"),
        Arguments.of(
            "\"basis\": [^}]*\\}, \"mask\"",
            "\"mask\"",
            "clusters[0].basis: expected a location at rank 32"),
        Arguments.of(
            "\"rank\": 32(.*)\"basis\": [^}]*\\}, \"mask\": [^}]*\\}",
            "\"rank\": 0, \"columns\": 1920, \"blocks\": 2, \"bound\": {\"lower\": 0, \"upper\": 0, "
                + "\"provedBy\": \"exact\"}, \"error\": 0, "
                + "\"mask\": {\"file\": \"f\", \"tensor\": \"t\"}",
            "clusters[0].mask: expected none at rank 0"),
        Arguments.of("\"rank\": 32", "\"rank\": 0", "clusters[0].basis: expected none at rank 0"),
        Arguments.of(
            "\"lower\": 0.01", "\"lower\": true", "clusters[0].bound.lower: expected a number"),
        Arguments.of(
            "\"upper\": 0.0625",
            "\"upper\": 1e400",
            "clusters[0].bound.upper: expected a finite number of at least 0, got Infinity"),
        Arguments.of(
            "\"upper\": 0.0625",
            "\"upper\": 0.001",
            "clusters[0].bound.lower: expected at most upper, got 0.01 > 0.001"),
        Arguments.of(
            "\"scope\": \"block\"",
            "\"scope\": \"tensor\"",
            "settings.scope: expected one of block, cluster, collection"),
        Arguments.of(
            "\"partitions\": 3",
            "\"partitions\": 1",
            "settings.partitions.families[0].partitions: "
                + "expected a whole number of at least 2, got 1"),
        Arguments.of(
            "\"partitions\": 3",
            "\"partitions\": 3, \"asked\": 3",
            "settings.partitions.families[0].asked: unknown key"),
        Arguments.of(
            "\"families\": ",
            "\"asked\": 0, \"families\": ",
            "settings.partitions.asked: expected a whole number of at least 1, got 0"),
        Arguments.of(
            "\"families\": \\[\\{",
            "\"families\": [7, {",
            "settings.partitions.families[0]: expected an object"),
        Arguments.of(
            "\"include\": \\[\"", "\"include\": [7, \"", "settings.include[0]: expected a text"),
        Arguments.of(
            "\"shape\": \\[384, 1536\\]",
            "\"shape\": [384, -1]",
            "blocks[0].shape[1]: expected a whole number of at least 0, got -1"),
        Arguments.of(
            "\"shape\": \\[384, 1536\\]",
            "\"shape\": [4294967296, 4294967296]",
            "blocks[0].shape: more than 2^63 numbers in [4294967296, 4294967296]"),
        Arguments.of(
            "\"shape\": \\[384, 1536\\]",
            "\"shape\": [384, 1535]",
            "blocks[0].view: 384 × 1536 is not the matrix of a tensor of shape [384, 1535]"),
        Arguments.of(
            "\"from\": 384, \"to\": 768",
            "\"from\": 385, \"to\": 769",
            "blocks[1].view: 384 × 384 is not the matrix of a tensor of shape [2, 384, 384], "
                + "columns 385 to 769"),
        Arguments.of(
            "\"from\": 384, \"to\": 768",
            "\"from\": 384, \"to\": 384",
            "blocks[1].part.to: expected a whole number of at least 385, got 384"),
        Arguments.of(
            "\"treatment\": \"shared\"",
            "\"treatment\": \"raw\"",
            "blocks[0].cluster: not allowed with treatment raw"),
        Arguments.of(
            "\"treatment\": \"alone\"",
            "\"treatment\": \"shared\"",
            "blocks[2].treatment: shared in a cluster of 1"),
        Arguments.of(
            "\"scale\": [^,]*",
            "\"scale\": 3",
            "blocks[0].scale: expected a power of two, got 3.0"),
        Arguments.of(
            "\"sha256\": \"0123",
            "\"sha256\": \"ABCD",
            "blocks[0].sha256: expected 64 lower-case hexadecimal digits, got ABCD"
                + "456789abcdef"
                + "0123456789abcdef".repeat(3)),
        Arguments.of(
            "\"cluster\": \"c0\"",
            "\"cluster\": \"c9\"",
            "blocks[0].cluster: there is no cluster c9"),
        Arguments.of("\"id\": \"c1\"", "\"id\": \"c0\"", "clusters[1].id: c0 is there twice"),
        Arguments.of(
            "\"columns\": 1920",
            "\"columns\": 1921",
            "clusters[0]: expected the 2 blocks and 1920 columns of its members, got 2 and 1921"),
        Arguments.of("\"clusters\": 2", "\"clusters\": 3", "totals.clusters: expected 2, got 3"),
        Arguments.of(
            "\"strict\": true", "\"strict\": 1", "settings.strict: expected true or false"),
        Arguments.of(
            "\"strict\": true", "\"strict\": true, \"scal\": 2", "settings.scal: unknown key"),
        Arguments.of("\"timings\"", "\"timing\"", "timing: unknown key"),
        Arguments.of("\"timings\": \\{[^}]*\\},", "", "timings: missing"),
        Arguments.of("\"timings\": \\{[^}]*\\}", "\"timings\": []", "timings: expected an object"),
        Arguments.of(
            "\"schemaVersion\": 1,", "", "settings: expected schemaVersion before any other key"),
        Arguments.of(
            "\"schemaVersion\": 1",
            "\"schemaVersion\": \"1\"",
            "schemaVersion: expected a whole number"),
        Arguments.of(
            "\"schemaVersion\": 1",
            "\"schemaVersion\": 2",
            "schemaVersion: this program reads version 1, the manifest has version 2"),
        Arguments.of("\"rejected\": \\[", "\"rejected\": [7, ", "rejected[0]: expected an object"),
        Arguments.of(
            "\"cause\": \"late\"",
            "\"cause\": \"lost\"",
            "rejected[1].cause: expected one of not-finite, unreadable, late, rewritten, changed,"
                + " too-large"),
        Arguments.of("\\}\\s*$", "} 7", "expected nothing after the end of the object"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultIsNamedByItsPlace(String pattern, String by, String message) throws IOException {
    String golden = ManifestWriterTest.goldenText();
    String text = golden.replaceFirst(pattern, Matcher.quoteReplacement(by));
    assertNotEquals(golden, text, "nothing replaced");
    assertEquals("manifest.json: " + message, messageOf(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/etc/passwd",
        "../up",
        "a/../b",
        "a/..",
        "a//b",
        "./a",
        "a/",
        "a\\\\b",
        "C:x",
        "s3://x/y",
        "a\\u0000b"
      })
  void aFileOutsideTheDirectoryIsRefused(String file) throws IOException {
    String text =
        ManifestWriterTest.goldenText()
            .replaceFirst(
                "\"file\": \"raw-0.safetensors\"",
                Matcher.quoteReplacement("\"file\": \"" + file + "\""));
    String message = messageOf(text);
    assertTrue(
        message.startsWith("manifest.json: blocks[3].data.file: expected a plain path below"),
        message);
  }

  @Test
  void noPrefixOfAManifestIsAManifest() throws IOException {
    String text = ManifestWriterTest.goldenText().stripTrailing();
    for (int end = 0; end < text.length(); end++) {
      String prefix = text.substring(0, end);
      String message = messageOf(prefix);
      assertTrue(message.startsWith("manifest.json: "), message);
      assertEquals(1, message.lines().count());
    }
  }

  @Test
  void aKeyThatIsThereTwiceIsRefused() throws IOException {
    String twice =
        ManifestWriterTest.goldenText().replace("\"rank\": 32", "\"rank\": 32, \"rank\": 32");
    assertEquals("manifest.json: line 7: Duplicate field 'rank'", messageOf(twice));
  }

  @Test
  void anAbsurdlyLongTextIsRefused() throws IOException {
    String text =
        ManifestWriterTest.goldenText()
            .replace("NaN at index 7", "x".repeat(Checks.MAX_TEXT_LENGTH + 1));
    String message = messageOf(text);
    assertTrue(message.startsWith("manifest.json: "), message);
    assertTrue(message.contains("65536"), message);
    assertTrue(message.length() < 400, message);
  }

  @Test
  void theLongestTextIsRead() throws IOException {
    String reason = "x".repeat(Checks.MAX_TEXT_LENGTH);
    Manifest read =
        Manifests.read(ManifestWriterTest.goldenText().replace("NaN at index 7", reason));
    assertEquals(reason, read.rejected().get(0).reason());
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    String text =
        ManifestWriterTest.goldenText().replace("\"rank\": 32", "\"rank\": " + "[".repeat(100_000));
    assertTrue(messageOf(text).contains("nesting depth"), messageOf(text));
  }

  @Test
  void theOrderOfKeysIsFreeAfterTheVersion() throws IOException {
    Manifest golden = Manifests.golden();
    List<String> lines = new ArrayList<>(ManifestWriterTest.goldenText().lines().toList());
    String settings = lines.remove(2);
    lines.add(3, settings); // between totals and timings
    assertEquals(golden, Manifests.read(String.join("\n", lines)));
  }

  @Test
  void aWholeNumberIsANumber() throws IOException {
    String text = ManifestWriterTest.goldenText().replace("\"partition\": 2.0", "\"partition\": 2");
    assertNotEquals(ManifestWriterTest.goldenText(), text);
    assertEquals(Manifests.golden(), Manifests.read(text));
  }

  @Test
  void trueAndFalseOfEarlyProgramsSayWhetherToTranspose() throws IOException {
    for (String word : List.of("true", "false")) {
      String text =
          ManifestWriterTest.goldenText()
              .replace("\"transpose\": \"auto\"", "\"transpose\": " + word);
      assertEquals(
          word.equals("true") ? Transpose.ALWAYS : Transpose.NEVER,
          Manifests.read(text).settings().transpose());
    }
  }

  @Test
  void leavesTheStreamOpen() throws IOException {
    boolean[] closed = new boolean[1];
    ManifestReader.read(
        new ByteArrayInputStream(ManifestWriterTest.goldenText().getBytes(StandardCharsets.UTF_8)) {
          @Override
          public void close() {
            closed[0] = true;
          }
        });
    assertFalse(closed[0]);
  }

  private static String messageOf(String text) {
    return String.valueOf(
        assertThrows(ManifestException.class, () -> Manifests.read(text)).getMessage());
  }
}
