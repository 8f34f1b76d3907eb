package io.github.colonnade.jobs.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestWriterTest {
  static String goldenText() throws IOException {
    try (InputStream in = ManifestWriterTest.class.getResourceAsStream("golden-manifest.json")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void writesTheGoldenFile() throws IOException {
    assertEquals(
        goldenText(), new String(Manifests.write(Manifests.golden()), StandardCharsets.UTF_8));
  }

  @Test
  void readsTheGoldenFile() throws IOException {
    assertEquals(Manifests.golden(), Manifests.read(goldenText()));
  }

  @Test
  void leavesTheStreamOpen() throws IOException {
    boolean[] closed = new boolean[1];
    ManifestWriter.write(
        Manifests.golden(),
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed[0] = true;
          }
        });
    assertFalse(closed[0]);
  }

  @Test
  void minusZeroIsZero() throws IOException {
    Manifest manifest = Manifests.golden();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ManifestWriter.write(
        manifest.settings(),
        manifest.totals(),
        new Timings(-0.0, 0, 0, 0, 0),
        List.<ClusterEntry>of().iterator(),
        List.<BlockEntry>of().iterator(),
        List.<RejectedEntry>of().iterator(),
        out);
    assertFalse(out.toString(StandardCharsets.UTF_8).contains("-0"));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1e-300})
  void noRecordTakesAMeasureThatIsNone(double value) {
    assertThrows(IllegalArgumentException.class, () -> new Timings(0, 0, 0, 0, value));
    assertThrows(IllegalArgumentException.class, () -> new BoundEntry(0, value, "exact"));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new ClusterEntry(
                "c",
                1,
                0,
                1,
                1,
                new BoundEntry(0, 0, "exact"),
                value,
                Optional.empty(),
                Optional.empty()));
  }

  @Test
  void ratiosOfNothingAreFinite() {
    assertEquals(12, Totals.ratio(12, 0));
    assertEquals(1, Totals.ratio(0, 0));
    assertEquals(2.5, Totals.ratio(5, 2));
  }
}
