package io.github.colonnade.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Manifests;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a manifest holds, the page shows all of it, and nothing of it is markup. */
class ReportPropertyTest {

  @Provide
  Arbitrary<Manifest> manifests() {
    return Manifests.any();
  }

  private static Content content(Manifest manifest) {
    Sources sources = new Sources(manifest);
    return new Content(
        "</title><script>alert(1)</script>",
        "",
        manifest,
        List.of("</script> \u2028 & \"note\""),
        sources,
        Optional.empty(),
        List.of(
            Savings.byKind(manifest, Optional.empty()),
            Savings.byFamily(manifest, Optional.empty()),
            Savings.byFile(manifest, Optional.empty(), sources)),
        BlockErrors.of(manifest),
        BoundComparison.of(manifest),
        List.of());
  }

  @Property(tries = 200)
  void sumsAreThoseOfTheManifest(@ForAll("manifests") Manifest manifest) throws IOException {
    Content content = content(manifest);
    long blocks = manifest.blocks().size();
    long numbersIn = manifest.blocks().stream().mapToLong(Savings::numbersIn).sum();
    for (Savings savings : content.savings()) {
      assertEquals(blocks, savings.groups().stream().mapToLong(Savings.Group::blocks).sum());
      assertEquals(numbersIn, savings.groups().stream().mapToLong(Savings.Group::numbersIn).sum());
    }
    BlockErrors errors = content.errors();
    assertEquals(
        manifest.blocks().stream().filter(each -> each.cluster().isPresent()).count(),
        LongStream.of(errors.histogram().counts()).sum());
    assertEquals(
        manifest.blocks().stream()
            .filter(each -> each.cluster().isPresent())
            .mapToDouble(BlockErrors::limited)
            .max()
            .orElse(0),
        errors.largest());

    JsonNode data = new ObjectMapper().readTree(PageData.of(content));
    assertEquals(manifest.clusters().size(), data.at("/clusters/total").asInt());
    assertEquals(manifest.rejected().size(), data.at("/rejected/total").asInt());
    assertEquals(blocks, data.at("/blocks/rows").size());
    for (int i = 0; i < blocks; i++) {
      BlockEntry block = manifest.blocks().get(i);
      JsonNode row = data.at("/blocks/rows").get(i);
      assertEquals(Texts.shown(block.tensor()), row.get(0).asText());
      assertEquals(block.treatment().key(), row.get(2).asText());
      assertEquals(block.error(), row.get(6).asDouble());
    }
  }

  @Property(tries = 100)
  void nothingOfAManifestIsMarkup(@ForAll("manifests") Manifest manifest) {
    Content content = content(manifest);
    String data = PageData.of(content);
    assertTrue(data.chars().allMatch(c -> c >= ' ' && c < 127 && c != '<'), data);

    String page = Page.of(content);
    assertEquals(1, count(page, "<script>"));
    assertEquals(1, count(page, "<script type=\"application/json\" id=\"data\">"));
    assertEquals(2, count(page, "</script>"));
    assertEquals(1, count(page, "</title>"));
    assertFalse(page.contains("{{"));
    assertTrue(page.indexOf(Page.MARK) < 1000);
  }

  private static long count(String text, String part) {
    return Stream.iterate(
            text.indexOf(part), at -> at >= 0, at -> text.indexOf(part, at + part.length()))
        .count();
  }

  @Property(tries = 100)
  void aResultIsEqualToItself(@ForAll("manifests") Manifest manifest) {
    Comparison comparison = Comparison.of(manifest, manifest);
    assertTrue(comparison.isEqual(), comparison::toString);
  }
}
