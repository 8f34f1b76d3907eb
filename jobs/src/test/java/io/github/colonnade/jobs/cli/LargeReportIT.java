package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.BoundEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestWriter;
import io.github.colonnade.jobs.manifest.Manifests;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Timings;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.manifest.View;
import io.github.colonnade.jobs.testing.Browser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The report of 100,000 blocks, of which there is only the manifest, with names of bad people. */
class LargeReportIT {
  private static final int BLOCKS = 100_000;
  private static final int CLUSTERS = 3_000;
  private static final double LIMIT = 0.05;
  private static final String HOSTILE =
      "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt;\u2028\u202e";

  @TempDir private Path root;

  private static Optional<TensorLocation> at(String tensor) {
    return Optional.of(new TensorLocation("factors.safetensors", tensor));
  }

  private static Manifest manifest() {
    Random random = new Random(8);
    double[] worst = new double[CLUSTERS];
    List<BlockEntry> blocks = new ArrayList<>();
    double largest = 0;
    for (int i = 0; i < BLOCKS; i++) {
      double error = LIMIT * Math.sqrt(random.nextDouble());
      int cluster = i % CLUSTERS;
      worst[cluster] = Math.max(worst[cluster], error);
      largest = Math.max(largest, error);
      blocks.add(
          new BlockEntry(
              "b" + i,
              "file:///data/" + (i % 7) + (i % 7 == 3 ? HOSTILE : "") + ".safetensors",
              (i % 1000 == 0 ? HOSTILE : "layer.") + i,
              List.of(64L, 32L),
              "F32",
              Treatment.SHARED,
              Optional.of(new View(64, 32, Layout.ROW_MAJOR)),
              Optional.empty(),
              Optional.of("m64-c" + cluster),
              false,
              error,
              at("c" + i),
              1,
              Optional.empty(),
              "00".repeat(32),
              Optional.empty()));
    }
    List<ClusterEntry> clusters = new ArrayList<>();
    double largestOfClusters = 0;
    for (int i = 0; i < CLUSTERS; i++) {
      long members = (long) BLOCKS / CLUSTERS + (i < BLOCKS % CLUSTERS ? 1 : 0);
      largestOfClusters = Math.max(largestOfClusters, worst[i]);
      clusters.add(
          new ClusterEntry(
              "m64-c" + i,
              64,
              1 + i % 16,
              32 * members,
              members,
              new BoundEntry(0, LIMIT * (1 + random.nextDouble()), i % 2 == 0 ? "exact" : "weyl"),
              worst[i],
              at("u" + i),
              Optional.empty()));
    }
    Settings settings =
        Manifests.settings("colonnade <test>", List.of("file:///data/" + HOSTILE), LIMIT);
    long in = BLOCKS * 64L * 32;
    return new Manifest(
        settings,
        Totals.of(
            BLOCKS, CLUSTERS, in, in / 5, 4 * in, 4 * in / 5, largest, largestOfClusters, BLOCKS),
        new Timings(1, 2, 3, 4, 10),
        clusters,
        blocks,
        List.of(
            new RejectedEntry(
                "file:///data/x", HOSTILE, RejectionCause.NOT_FINITE, "it has NaN " + HOSTILE)));
  }

  @Test
  void aHundredThousandBlocksAreOnePageOfBoundedSize() throws IOException {
    Path directory = Files.createDirectory(root.resolve("large"));
    Manifest manifest = manifest();
    try (OutputStream out = Files.newOutputStream(directory.resolve(Manifest.FILE_NAME))) {
      ManifestWriter.write(manifest, out);
    }

    Session session = Session.run("report", directory.toString());

    assertEquals(0, session.exitCode, session.err().toString());
    Path page = root.resolve("large-report.html");
    assertEquals("  report    " + page + "\n", session.out());
    long size = Files.size(page);
    assertTrue(size < 3L << 20, size + " bytes");
    try (Browser browser = Browser.start(root.resolve("profile"))) {
      browser.media("screen", "light");
      browser.size(1280, 900, false);
      browser.open(page);
      assertEquals(List.of(), browser.messages());
      assertTrue(
          browser.texts("#notes p").get(0).startsWith("The files beside the manifest could not be"),
          browser.texts("#notes p").toString());
      assertEquals("1–25 of 1,000", browser.texts("#blocks-table [role=status]").get(0));
      assertEquals("1–25 of 2,000", browser.texts("#clusters-table [role=status]").get(0));
      assertTrue(
          browser.number("return document.querySelectorAll('#errors-plot svg path').length")
              > 1000);
      assertEquals(0, browser.number("return document.querySelectorAll('main img').length"));
      assertEquals(List.of(), browser.violations());
      browser.picture(Path.of("target/report-pictures/large.png"));
    }
  }
}
