package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.PublishedCollection;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published collections through the program, read back and measured. */
class PublishedCollectionsIT {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "advection, incremental-residual",
    "mimo, max-norm",
    "sar, residual-norm",
    "minilm, incremental-norm"
  })
  void certificatesHoldAndNothingCostsMoreThanPublished(String fixture, String strategy) {
    JsonNode expected = PublishedCollection.load(fixture).expected();
    Path input = PublishedCollection.load(fixture).file();
    Path output = directory.resolve("out");
    Session session =
        Session.run(
            "compress",
            input.toString(),
            "--output=" + output,
            "--max-error=" + expected.get("eps").asText(),
            "--rank-limit=" + expected.get("rank").asText(),
            "--strategy=" + strategy,
            "--scope=cluster",
            "--precision=float64");
    assertEquals(0, session.exitCode, session.err().toString());
    Manifest manifest = CheckedOutput.check(output, input);
    double published =
        expected.get("variants").get(strategy).get("published_compression_ratio").asDouble();
    // Ranks are as small as they may be, and blocks alone are compressed too.
    assertTrue(
        manifest.totals().compressionRatio() >= published * (1 - 1e-9),
        manifest.totals().compressionRatio() + " < " + published);
    assertTrue(session.out().contains("max error of a cluster"), session.out());
  }
}
