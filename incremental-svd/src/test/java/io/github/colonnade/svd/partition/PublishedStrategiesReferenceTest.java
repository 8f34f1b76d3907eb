package io.github.colonnade.svd.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.roaringbitmap.RoaringBitmap;

/**
 * The five published variants on the four collections, in double, against the published answers.
 *
 * <p>Errors are compared to 10⁻⁹. An error is the square root of a quotient of energies, and the
 * published code takes the difference of nearly equal energies, so where an answer is below about
 * 10⁻⁷ it is the square root of rounding noise (it says 1.4e-8 where the exact error is 0). There
 * the quotients are compared, to 10⁻¹⁴.
 */
class PublishedStrategiesReferenceTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  record Case(String fixture, String strategy) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String fixture : Fixture.NAMES) {
      for (String strategy : Strategies.published()) {
        cases.add(new Case(fixture, strategy));
      }
    }
    return cases;
  }

  static void assertError(double expected, double actual, String what) {
    boolean close =
        Math.abs(expected - actual) <= 1e-9
            || Math.abs(expected * expected - actual * actual) <= 1e-14;
    assertTrue(close, what + ": expected " + expected + ", got " + actual);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void partitionsAndErrorsAreThePublishedOnes(Case c) {
    Fixture fixture = Fixture.load(c.fixture);
    JsonNode expected = fixture.expected().get("variants").get(c.strategy);
    List<Integer> all = IntStream.range(0, fixture.blocks().size()).boxed().toList();
    try (Family family = fixture.family(LA, Precision.FLOAT64, all)) {
      List<RoaringBitmap> clusters =
          Strategies.byName(c.strategy).orElseThrow().partition(family, fixture.settings());
      List<RoaringBitmap> published =
          StreamSupport.stream(expected.get("clusters").spliterator(), false)
              .map(PublishedStrategiesReferenceTest::bitmap)
              .toList();
      assertEquals(published, clusters);
      for (int i = 0; i < clusters.size(); i++) {
        assertError(
            expected.get("exact_errors").get(i).asDouble(),
            exactError(family, clusters.get(i), fixture.rank()),
            "cluster " + i);
      }
      assertEquals(
          expected.get("published_compression_ratio").asDouble(),
          publishedRatio(fixture, clusters),
          1e-9);
    }
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void estimatesAreThePublishedOnes(String name) {
    Fixture fixture = Fixture.load(name);
    for (JsonNode set : fixture.expected().get("estimates")) {
      List<Integer> positions = new ArrayList<>();
      set.get("blocks").forEach(each -> positions.add(each.asInt()));
      try (Family family = fixture.family(LA, Precision.FLOAT64, positions)) {
        Map<String, ErrorInterval> estimates = Strategies.estimates(family, fixture.settings());
        double exact =
            exactError(
                family,
                RoaringBitmap.bitmapOf(IntStream.range(0, positions.size()).toArray()),
                fixture.rank());
        assertError(set.get("exact").asDouble(), exact, "exact " + positions);
        assertError(
            set.get("weyl").asDouble(),
            estimates.getOrDefault("max-norm", ErrorInterval.unknown()).upper(),
            "weyl " + positions);
        for (String strategy : Strategies.published().subList(1, 5)) {
          assertError(
              set.get(strategy).asDouble(),
              estimates.getOrDefault(strategy, ErrorInterval.unknown()).upper(),
              strategy + " " + positions);
        }
        estimates.forEach(
            (strategy, interval) -> {
              assertTrue(interval.upper() >= exact - 1e-9, strategy + " is an upper bound");
              assertTrue(interval.lower() <= exact + 1e-9, strategy + " has a lower bound");
            });
      }
    }
  }

  static List<String> fixtures() {
    return Fixture.NAMES;
  }

  private static RoaringBitmap bitmap(JsonNode cluster) {
    RoaringBitmap bitmap = new RoaringBitmap();
    cluster.forEach(each -> bitmap.add(each.asInt()));
    return bitmap;
  }

  /** By an SVD of the concatenation. */
  private static double exactError(Family family, RoaringBitmap members, int rank) {
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> factors = new ArrayList<>();
      members.forEach((int each) -> factors.add(family.block(each).factor()));
      double[] values = scope.own(LA.leftSvd(scope.own(LA.concatenate(factors)))).values();
      double tail = 0;
      double energy = 0;
      for (int i = values.length - 1; i >= 0; i--) {
        energy += values[i] * values[i];
        if (i >= rank) {
          tail += values[i] * values[i];
        }
      }
      return energy == 0 ? 0 : Math.sqrt(tail / energy);
    }
  }

  /** The published measure: a block alone is never compressed. */
  private static double publishedRatio(Fixture fixture, List<RoaringBitmap> clusters) {
    long m = fixture.rows();
    long raw = m * fixture.columns() * fixture.blocks().size();
    long stored = 0;
    for (RoaringBitmap cluster : clusters) {
      long n = (long) fixture.columns() * cluster.getCardinality();
      stored += cluster.getCardinality() == 1 ? m * n : Math.min(fixture.rank() * (m + n), m * n);
    }
    return (double) raw / stored;
  }
}
