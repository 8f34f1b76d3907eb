package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a report says, beside the manifest, for every kind of result. */
class ReportFiguresIT {
  private static final List<Kind> KINDS =
      List.of(
          Kind.NOISY,
          Kind.NOISY,
          Kind.SOME,
          Kind.SOME,
          Kind.NOISY,
          Kind.RANDOM,
          Kind.TALL,
          Kind.ZERO,
          Kind.TINY,
          Kind.HUGE,
          Kind.WIDE,
          Kind.DUPLICATE,
          Kind.DUPLICATE,
          Kind.COLUMN,
          Kind.VECTOR,
          Kind.INTEGERS,
          Kind.CUBE,
          Kind.NAN);

  @TempDir private Path root;
  private Path input = Path.of("");

  @BeforeEach
  void write() {
    input = root.resolve("in.safetensors");
    Tensor.write(input, TestCollections.of(KINDS, List.of("F32", "BF16"), 11));
  }

  private String output() {
    return root.resolve("small").toString();
  }

  private static Session run(String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(0, session.exitCode, session.err().toString());
    return session;
  }

  private JsonNode data() throws IOException {
    String page = Files.readString(root.resolve("small-report.html"));
    String begin = "<script type=\"application/json\" id=\"data\">";
    int from = page.indexOf(begin) + begin.length();
    return new ObjectMapper().readTree(page.substring(from, page.indexOf("</script>", from)));
  }

  private static double sum(JsonNode rows, String key) {
    double sum = 0;
    for (JsonNode row : rows) {
      sum += row.get(key).asDouble();
    }
    return sum;
  }

  private Manifest manifest() throws IOException {
    return CompressedCollection.open(output()).manifest();
  }

  private void check(JsonNode data, Manifest manifest) {
    Totals totals = manifest.totals();
    assertEquals(0, data.get("notes").size(), data.get("notes").toString());
    assertEquals(4, data.get("savings").size());
    for (JsonNode savings : data.get("savings")) {
      assertEquals(
          (double) totals.numbersStored(),
          sum(savings.get("groups"), "stored"),
          1e-9 * totals.numbersStored(),
          savings.toString());
      if (!savings.get("whole").asBoolean()) {
        assertEquals((double) totals.blocks(), sum(savings.get("groups"), "blocks"));
        assertEquals((double) totals.numbersIn(), sum(savings.get("groups"), "numbersIn"));
      }
    }
    assertEquals(totals.blocks(), data.at("/blocks/total").asLong());
    assertEquals(totals.clusters(), data.at("/clusters/total").asLong());
    assertEquals(manifest.rejected().size(), data.at("/rejected/total").asInt());
    assertEquals(totals.compressedBlocks(), data.at("/errors/compressed").asLong());
    assertEquals(Formats.ratio(totals.compressionRatio()), data.at("/tiles/0/1").asText());
    // To train from, zeros have factors too.
    Set<String> zero =
        manifest.blocks().stream()
            .filter(each -> each.tensor().endsWith("ZERO"))
            .flatMap(each -> each.cluster().stream())
            .collect(Collectors.toSet());
    long withSpectra =
        manifest.clusters().stream()
            .filter(each -> each.basis().isPresent())
            .sorted(Comparator.comparing(each -> -each.rows() * each.columns()))
            .limit(12)
            .filter(each -> each.blocks() > 1 || !zero.contains(each.id()))
            .count();
    assertEquals(withSpectra, data.get("spectra").size());
    for (JsonNode spectrum : data.get("spectra")) {
      // Without its last direction a cluster is further away; with all it is as it was measured.
      JsonNode expected = spectrum.get("expected");
      String id = spectrum.get("cluster").asText();
      double measured =
          manifest.clusters().stream()
              .filter(each -> each.id().equals(id))
              .findFirst()
              .orElseThrow()
              .error();
      assertEquals(measured, expected.get(expected.size() - 1).asDouble(), 1e-12, id);
      for (int i = 1; i < expected.size(); i++) {
        assertTrue(expected.get(i).asDouble() <= expected.get(i - 1).asDouble(), id);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compress --max-error=.1",
        "compress --max-error=.3 --scope=cluster",
        "compress --max-error=.1 --scope=collection",
        "compress --rank=2",
        "compress --target-ratio=1.2",
        "compress --max-error=0",
        "lost --max-error=.1",
        "lost --mode=pretrain --rank=1 --sparsity=.1 --gamma=.5"
      })
  void theFiguresAreThoseOfTheManifest(String options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(options.split(" ")));
    arguments.addAll(List.of(input.toString(), "--output", output(), "--report"));
    Session session = run(arguments.toArray(String[]::new));

    Manifest manifest = manifest();
    assertTrue(session.out().contains(Formats.count(manifest.totals().numbersStored())));
    assertTrue(session.out().contains(Formats.bytes(manifest.totals().bytesStored())));
    check(data(), manifest);
  }

  @Test
  void aCollectionThatGrewIsOneReport() throws IOException {
    run("compress", input.toString(), "--output", output(), "--max-error=.1");
    Path more = root.resolve("more.safetensors");
    Tensor.write(more, TestCollections.of(KINDS, List.of("F32", "BF16"), 11).subList(0, 8));
    Session session = run("add", more.toString(), "--to", output(), "--report");
    Path page = root.resolve("small-report.html");
    assertTrue(session.out().endsWith("  report    " + page + "\n"), session.out());

    Manifest manifest = manifest();
    check(data(), manifest);
    assertTrue(Files.readString(page).contains(", in 2 segments, complete"));
    run("verify", output());
  }

  @Test
  void anOlderReportIsReplacedAndNothingElse() throws IOException {
    run("compress", input.toString(), "--output", output(), "--max-error=.1", "--report");
    run("report", output());
    Path mine = Files.writeString(root.resolve("mine.html"), "<html>mine</html>");

    Session refused = Session.run("report", output(), "--output", mine.toString());
    assertEquals(2, refused.exitCode);
    assertEquals(
        List.of(
            "colonnade: "
                + mine
                + ": this is there already, and no report; remove it or give another --output"),
        refused.err());
    assertEquals("<html>mine</html>", Files.readString(mine));

    Files.move(mine, root.resolve("other-report.html"));
    Session before =
        Session.run(
            "compress",
            input.toString(),
            "--output=" + root.resolve("other"),
            "--max-error=.1",
            "--report");
    assertEquals(2, before.exitCode);
    assertFalse(Files.exists(root.resolve("other")));
    try (var files = Files.list(root)) {
      assertEquals(4, files.count());
    }
  }

  @Test
  void theFolderOfTheResultIsMadeForTheReportToo() throws IOException {
    Path result = root.resolve("new/folder/x");
    run("compress", input.toString(), "--output=" + result, "--max-error=.1", "--report");
    assertTrue(Files.exists(root.resolve("new/folder/x-report.html")));
  }

  /** The result is complete by then. */
  @Test
  void aReportThatCannotBeWrittenIsNoFailure() {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine.populateCommand(new ReportOptions(), "--report")
        .finish(
            root.resolve("nowhere").toString(),
            new Terminal(new PrintWriter(out), new PrintWriter(err), false));
    assertEquals("", out.toString());
    assertTrue(
        err.toString().startsWith("colonnade: the result is complete, but "), err.toString());
    assertEquals(1, err.toString().lines().count());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "report DIR|there is no manifest.json of a finished run",
        "report DIR --output DIR|this is a directory, and no report; give another --output",
        "report DIR --output DIR/no/x.html|there is no such directory; give another --output",
        "report DIR --output s3://b/x.html|a report is written to a local file",
        "compress in --output o --max-error .1 --report --target remote --jobmanager h:1"
            + " --detached|--report: only where this program waits for the result"
      })
  void mistakesAreToldInOneLine(String arguments, String message) {
    Session session = Session.run(arguments.replace("DIR", root.toString()).split(" "));
    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size(), session.err().toString());
    assertTrue(session.err().get(0).contains(message), session.err().get(0));
  }
}
