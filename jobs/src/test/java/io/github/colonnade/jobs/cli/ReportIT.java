package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.Browser;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;

/** Opens the report of real runs in a browser. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReportIT {
  private static final Path PICTURES = Path.of("target/report-pictures");
  private static final List<String> PLOTS =
      List.of(
          "savings-plot",
          "clusters-map",
          "errors-plot",
          "errors-histogram",
          "bounds-plot",
          "spectra-plot",
          "tradeoff-plot");

  private Browser browser;
  private Path page;
  private Manifest manifest;

  @BeforeAll
  void compress(@TempDir Path root) throws IOException {
    browser = Browser.start(root.resolve("profile"));
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      kinds.add(Kind.NOISY);
      kinds.add(i % 3 == 0 ? Kind.RANDOM : Kind.SOME);
    }
    kinds.addAll(List.of(Kind.TALL, Kind.ZERO, Kind.WIDE, Kind.VECTOR, Kind.INTEGERS, Kind.NAN));
    Path input = root.resolve("in.safetensors");
    Tensor.write(input, TestCollections.of(kinds, List.of("F32"), 5));
    String output = root.resolve("small").toString();
    Session session =
        Session.run("compress", input.toString(), "--output", output, "--max-error=.1", "--report");
    assertEquals(0, session.exitCode, session.err().toString());
    page = root.resolve("small-report.html");
    assertTrue(session.out().endsWith("  report    " + page + "\n"), session.out());
    manifest = CompressedCollection.open(output).manifest();
  }

  @AfterAll
  void close() {
    if (browser != null) {
      browser.close();
    }
  }

  private void open(String media, String scheme, int width) {
    browser.media(media, scheme);
    browser.size(width, 900, width < 600);
    browser.open(page);
  }

  @ParameterizedTest
  @CsvSource({"light, 1280", "dark, 1280", "light, 390", "dark, 390"})
  void everythingIsDrawnAndInNobodysWay(String scheme, int width) throws IOException {
    open("screen", scheme, width);

    for (String plot : PLOTS) {
      long shapes =
          browser.number(
              "return document.querySelectorAll('#' + arguments[0] + ' svg path').length", plot);
      assertTrue(shapes > 3, plot + " has " + shapes + " shapes");
    }
    assertEquals(0, browser.number("return performance.getEntriesByType('resource').length"));
    long wider = browser.number("return document.documentElement.scrollWidth - innerWidth");
    assertTrue(wider <= 0, wider + " pixels wider than the window");
    browser.picture(PICTURES.resolve("report-" + scheme + "-" + width + ".png"));
    assertEquals(List.of(), browser.violations());
    assertEquals(List.of(), browser.messages());
  }

  @Test
  void theFiguresAreThoseOfTheManifest() {
    open("screen", "light", 1280);
    Totals totals = manifest.totals();

    assertEquals(
        List.of(
            Formats.ratio(totals.compressionRatio()),
            Formats.ratio(totals.bytesRatio()),
            Formats.error(totals.maxBlockError()),
            Formats.count(totals.blocks()),
            Formats.count(manifest.rejected().size()),
            Formats.duration(manifest.timings().total())),
        browser.texts("#tiles b"));
    List<String> details = browser.texts("#tiles span");
    assertEquals(
        Formats.count(totals.numbersIn())
            + " in, "
            + Formats.count(totals.numbersStored())
            + " stored",
        details.get(0));
    assertEquals(
        Formats.bytes(totals.bytesIn()) + " in, " + Formats.bytes(totals.bytesStored()) + " stored",
        details.get(1));

    List<List<String>> expected = new ArrayList<>();
    manifest.blocks().stream()
        .limit(25)
        .forEach(
            block ->
                expected.add(
                    List.of(
                        block.tensor(),
                        block.treatment().key(),
                        block.cluster().orElse(""),
                        Formats.error(block.error()))));
    List<List<String>> shown = new ArrayList<>();
    for (int row = 1; row <= expected.size(); row++) {
      List<String> cells = browser.texts("#blocks-table tbody tr:nth-child(" + row + ") > *");
      shown.add(List.of(cells.get(0), cells.get(2), cells.get(3), cells.get(5)));
    }
    assertEquals(expected, shown);
    assertEquals(
        manifest.clusters().stream()
            .mapToLong(each -> each.rows() * each.columns())
            .max()
            .orElse(0),
        Long.parseLong(
            browser
                .texts("#clusters-table tbody tr:first-child td.number")
                .get(4)
                .replace(",", "")));
    assertEquals(
        manifest.rejected().get(0).reason(), browser.texts("#rejected-table tbody tr td").get(2));
  }

  @Test
  void tablesSortAndFilterByKeyboard() {
    open("screen", "light", 1280);
    browser.script("document.querySelector('#blocks-table th:nth-child(6) button').focus()");
    browser.type(Keys.ENTER);
    assertEquals(
        "descending",
        browser.script("return document.querySelector('#blocks-table th:nth-child(6)').ariaSort"));
    assertEquals(
        Formats.error(manifest.totals().maxBlockError()),
        browser.texts("#blocks-table tbody tr:first-child td").get(4));
    browser.type(Keys.SPACE);
    assertEquals("0", browser.texts("#blocks-table tbody tr:first-child td").get(4));

    browser.script("document.querySelector('#blocks-table input').focus()");
    browser.type("layer shared");
    long shared =
        manifest.blocks().stream().filter(each -> each.treatment().key().equals("shared")).count();
    assertTrue(shared > 25 && shared < manifest.blocks().size(), shared + " shared");
    assertEquals(
        "1–25 of " + shared + " (of " + manifest.blocks().size() + ")",
        browser.texts("#blocks-table [role=status]").get(0));
    // On the first page there is no previous one to be reached.
    browser.type(Keys.TAB, Keys.ENTER);
    assertTrue(browser.texts("#blocks-table [role=status]").get(0).startsWith("26–"));
  }

  @Test
  void plotsAreWalkedThroughAndZoomedByKeyboard() {
    open("screen", "light", 1280);
    browser.script("document.querySelector('#errors-plot .plot').focus()");
    browser.type(Keys.ARROW_RIGHT);
    browser.script(
        "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    String spoken = browser.texts("#errors-plot .spoken").get(0);
    assertTrue(spoken.contains("error ") && spoken.contains("cluster "), spoken);
    String before = String.valueOf(axis());
    browser.type("+");
    assertFalse(before.equals(String.valueOf(axis())), before);
    browser.type("0");
    assertEquals(before, String.valueOf(axis()));
  }

  private List<String> axis() {
    return browser.texts("#errors-plot svg text");
  }

  @Test
  void thePrintedPageIsLightAndComplete() throws IOException {
    open("screen", "dark", 1280);
    byte[] pdf = browser.pdf();
    assertTrue(pdf.length > 50_000, pdf.length + " bytes");
    Files.createDirectories(PICTURES);
    Files.write(PICTURES.resolve("report.pdf"), pdf);
    assertEquals(List.of(), browser.messages());
  }
}
