package io.github.colonnade.jobs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Manifests in several segments, kept in memory. */
class CollectionReaderTest {
  private static final Root ROOT = new Root("segments-6f3a9c01", 2, true);

  private final Map<String, String> files = new HashMap<>();

  private CollectionReader.Read<Manifest> read() throws IOException {
    return CollectionReader.read(
        name -> {
          String text = files.get(name);
          if (text == null) {
            throw new FileNotFoundException(name);
          }
          return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        });
  }

  private void put(Root root, Manifest... segments) throws IOException {
    files.put("manifest.json", text(ManifestWriter.bytes(root)));
    for (int i = 0; i < segments.length; i++) {
      files.put(root.file(i + 1), text(Manifests.write(segments[i])));
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String fault() {
    return String.valueOf(assertThrows(ManifestException.class, this::read).getMessage());
  }

  @Test
  void aPlainManifestIsReadAsItIs() throws IOException {
    Manifest manifest = Manifests.golden();
    files.put("manifest.json", text(Manifests.write(manifest)));

    assertEquals(new CollectionReader.Read<>(manifest, Optional.empty()), read());
  }

  @Test
  void segmentsAreOneManifest() throws IOException {
    Manifest first = Manifests.segment(1, 0.5);
    Manifest second = Manifests.segment(2, 0.5);
    put(ROOT, first, second);

    CollectionReader.Read<Manifest> read = read();

    assertEquals(Optional.of(ROOT), read.root());
    Manifest all = read.content();
    assertEquals(concat(first.clusters(), second.clusters()), all.clusters());
    assertEquals(concat(first.blocks(), second.blocks()), all.blocks());
    assertEquals(concat(first.rejected(), second.rejected()), all.rejected());
    assertEquals(
        List.of("file:///data/1.safetensors", "file:///data/common", "file:///data/2.safetensors"),
        all.settings().inputs());
    assertEquals("colonnade 1.2.1, colonnade 1.2.2", all.settings().tool());
    assertEquals(first.settings().maxError(), all.settings().maxError());
    assertEquals(
        Totals.of(
            4,
            2,
            12 + 16,
            10 + 11,
            115 + 131,
            777 + 777 + ManifestWriter.bytes(ROOT).length,
            0.25,
            0.25,
            2),
        all.totals());
    assertEquals(new Timings(2, 4, 6, 8, 20), all.timings());
  }

  @Test
  void aCollectionThatIsWrittenAgainWhileItIsReadIsReadOnceMore() throws IOException {
    put(ROOT);
    Root rewritten = new Root("segments-00000001", 1, false);
    Manifest segment = Manifests.segment(1, 0.5);

    CollectionReader.Read<Manifest> read =
        CollectionReader.read(
            name -> {
              if (!files.containsKey(name)) {
                put(rewritten, segment);
                throw new FileNotFoundException(name);
              }
              return new ByteArrayInputStream(
                  files.getOrDefault(name, "").getBytes(StandardCharsets.UTF_8));
            });

    assertEquals(Optional.of(rewritten), read.root());
    assertEquals(segment.blocks(), read.content().blocks());
  }

  static Stream<Arguments> roots() {
    String uri = "segments.directory: expected segments- and 8 lower-case hexadecimal digits, got ";
    return Stream.of(
        Arguments.of("{\"directory\": \"..\", \"count\": 2, \"open\": true}", uri + ".."),
        Arguments.of(
            "{\"directory\": \"/etc/segments-6f3a9c01\", \"count\": 2, \"open\": true}",
            uri + "/etc/segments-6f3a9c01"),
        Arguments.of(
            "{\"directory\": \"segments-6f3a9c01/../x\", \"count\": 2, \"open\": true}",
            uri + "segments-6f3a9c01/../x"),
        Arguments.of(
            "{\"directory\": \"segments-6f3a9c01\", \"count\": 4611686018427387904, \"open\": true}",
            "segments.count: expected at most 999999999 segments, got 4611686018427387904"),
        Arguments.of(
            "{\"directory\": \"segments-6f3a9c01\", \"count\": 0, \"open\": true}",
            "segments.count: expected a whole number of at least 1, got 0"),
        Arguments.of(
            "{\"directory\": \"segments-6f3a9c01\", \"count\": 1e2, \"open\": true}",
            "segments.count: expected a whole number"),
        Arguments.of("{\"directory\": \"segments-6f3a9c01\"}", "segments.count: missing"),
        Arguments.of(
            "{\"directory\": \"segments-6f3a9c01\", \"count\": 1, \"open\": true, \"x\": 1}",
            "segments.x: unknown key"),
        Arguments.of("[]", "segments: expected an object"),
        Arguments.of(
            "{\"directory\": \"segments-6f3a9c01\", \"count\": 1, \"open\": true}, \"blocks\": []",
            "blocks: unknown key beside segments"),
        Arguments.of(
            "{\"directory\": \"segments-6f3a9c01\", \"count\": 1, \"open\": true}} 7",
            "expected nothing after the end of the object"));
  }

  @ParameterizedTest
  @MethodSource("roots")
  void aFaultOfARootIsNamedByItsPlace(String segments, String message) {
    String close = segments.endsWith("7") ? "" : "}";
    files.put("manifest.json", "{\"schemaVersion\": 1, \"segments\": " + segments + close);

    assertEquals("manifest.json: " + message, fault());
  }

  @Test
  void aMissingSegmentIsNamed() throws IOException {
    put(new Root("segments-6f3a9c01", 900_000_000, false), Manifests.segment(1, 0.5));

    assertEquals(
        "segments-6f3a9c01/000002.json: this segment is not there, though manifest.json counts"
            + " 900000000",
        fault());
  }

  @Test
  void aSegmentThatIsARootIsNamed() throws IOException {
    put(ROOT, Manifests.segment(1, 0.5));
    files.put(ROOT.file(2), text(ManifestWriter.bytes(ROOT)));

    assertEquals(
        "segments-6f3a9c01/000002.json: segments: expected one manifest, not the root of several",
        fault());
  }

  @Test
  void otherSettingsAreNamed() throws IOException {
    put(ROOT, Manifests.segment(1, 0.5), Manifests.segment(2, 0.25));

    assertEquals(
        "segments-6f3a9c01/000002.json: settings.maxError: 0.25, but 0.5 in the first segment,"
            + " segments-6f3a9c01/000001.json",
        fault());
  }

  @Test
  void twoClustersOfOneIdAreNamed() throws IOException {
    put(ROOT, Manifests.segment(1, 0.5), Manifests.segment(1, 0.5));

    assertEquals(
        "segments-6f3a9c01/000002.json: clusters: c1 is there twice, also in"
            + " segments-6f3a9c01/000001.json",
        fault());
  }

  @Test
  void aBlockInAClusterOfAnotherSegmentIsNamed() throws IOException {
    put(ROOT, Manifests.segment(1, 0.5), Manifests.segment(2, 0.5));
    files.computeIfPresent(
        ROOT.file(2), (f, t) -> t.replace("\"cluster\": \"c2\"", "\"cluster\": \"c1\""));

    assertEquals(
        "segments-6f3a9c01/000002.json: a block is in cluster c1, which is not in this segment",
        fault());
  }

  @Test
  void wrongCountsAreNamed() throws IOException {
    put(ROOT, Manifests.segment(1, 0.5), Manifests.segment(2, 0.5));
    files.computeIfPresent(ROOT.file(2), (f, t) -> t.replace("\"blocks\": 2", "\"blocks\": 3"));

    assertTrue(fault().startsWith("segments-6f3a9c01/000002.json: totals: "), fault());
  }

  @Test
  void sumsThatCannotBeCountedAreNamed() throws IOException {
    put(ROOT, Manifests.segment(1, 0.5), Manifests.segment(2, 0.5));
    files.computeIfPresent(
        ROOT.file(2),
        (f, t) -> t.replaceFirst("\"bytesIn\": \\d+", "\"bytesIn\": " + Long.MAX_VALUE));

    assertEquals(
        "segments-6f3a9c01/000002.json: totals: the sums are more than can be counted", fault());
  }

  private static <T> List<T> concat(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }
}
