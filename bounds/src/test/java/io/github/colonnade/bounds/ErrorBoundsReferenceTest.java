package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Values worked out by hand. */
class ErrorBoundsReferenceTest {

  private static final ErrorInterval ZERO = ErrorInterval.exact(0);

  @Test
  void weyl() {
    assertInterval(0, 0.6, Proof.TRIVIAL, Proof.WEYL, ErrorBounds.weyl(100, 64));
    assertEquals(0, ErrorBounds.weyl(100, 100).upper());
    assertEquals(1, ErrorBounds.weyl(100, 0).upper());
  }

  @Test
  void projection() {
    assertInterval(0, 0.8, Proof.TRIVIAL, Proof.PROJECTION, ErrorBounds.projection(100, 36));
  }

  @Test
  void residualPoolsTheLargestValues() {
    double[] pool = {1, 50, 4, 14, 11};
    ErrorInterval interval = ErrorBounds.residual(100, pool, 2);
    assertInterval(0, 0.6, Proof.TRIVIAL, Proof.RESIDUAL, interval);
    assertEquals(1, ErrorBounds.residual(100, pool, 0).upper());
    assertEquals(Math.sqrt(0.2), ErrorBounds.residual(100, pool, 9).upper(), 1e-15);
    assertEquals(1, pool[0], "the pool must not be modified");
  }

  @Test
  void incrementalEnclosesWithAndWithoutTheDroppedEnergy() {
    Spectrum sketch = Spectrum.ofKept(new double[] {64, 9, 7}, 20);
    assertInterval(
        0.4, 0.6, Proof.INCREMENTAL, Proof.INCREMENTAL, ErrorBounds.incremental(sketch, 1));
    assertInterval(
        0,
        Math.sqrt(0.2),
        Proof.INCREMENTAL,
        Proof.INCREMENTAL,
        ErrorBounds.incremental(sketch, 5));
  }

  @Test
  void incrementalIsExactWhenNothingWasDropped() {
    Spectrum sketch = Spectrum.ofKept(new double[] {64, 30, 6}, 0);
    assertInterval(0.6, 0.6, Proof.EXACT, Proof.EXACT, ErrorBounds.incremental(sketch, 1));
  }

  @Test
  void exact() {
    Spectrum leadingOnly = Spectrum.of(new double[] {64, 20}, 100);
    assertInterval(0.6, 0.6, Proof.EXACT, Proof.EXACT, ErrorBounds.exact(leadingOnly, 1));
    assertInterval(0.4, 0.4, Proof.EXACT, Proof.EXACT, ErrorBounds.exact(leadingOnly, 2));
    assertInterval(0, 0.4, Proof.TRIVIAL, Proof.EXACT, ErrorBounds.exact(leadingOnly, 3));
    Spectrum complete = Spectrum.ofKept(new double[] {64, 36}, 0);
    assertInterval(0, 0, Proof.EXACT, Proof.EXACT, ErrorBounds.exact(complete, 3));
  }

  @Test
  void subadditive() {
    ErrorInterval interval = ErrorBounds.subadditive(new double[] {4, 0, 5}, 100);
    assertInterval(0.3, 1, Proof.SUBADDITIVE, Proof.TRIVIAL, interval);
  }

  @Test
  void theEnergyOfAWideSeedIsNotAWeylEnergy() {
    double[][] seed = {{2, 0, 1}, {0, 1, 1}, {0, 0, 1}};
    double[][] other = {{0.1}, {0}, {0.2}};
    List<double[][]> blocks = List.of(seed, other);
    double energy = Matrices.energy(blocks);
    double exact = Matrices.spectrum(Matrices.concatenate(blocks)).error(1);

    assertTrue(
        ErrorBounds.weyl(energy, Matrices.spectrum(seed).capturedEnergy(1)).upper() >= exact);
    assertTrue(ErrorBounds.weyl(energy, Matrices.energy(seed)).upper() < 0.2 * exact);
  }

  @Test
  void theEnergyOfANarrowSeedIsAWeylEnergy() {
    double[][] seed = {{2, 0}, {0, 1}, {1, 1}};
    assertEquals(Matrices.energy(seed), Matrices.spectrum(seed).capturedEnergy(2), 1e-14);
  }

  @Test
  void withoutEnergyTheErrorIsZero() {
    Spectrum none = Spectrum.ofKept(new double[2], 0);
    assertEquals(ZERO, ErrorBounds.weyl(0, 0));
    assertEquals(ZERO, ErrorBounds.projection(0, 0));
    assertEquals(ZERO, ErrorBounds.residual(0, new double[3], 1));
    assertEquals(ZERO, ErrorBounds.incremental(none, 1));
    assertEquals(ZERO, ErrorBounds.exact(none, 1));
    assertEquals(ZERO, ErrorBounds.subadditive(new double[2], 0));
  }

  @Test
  void roundingIsCutAndContradictionsAreRefused() {
    assertEquals(0, ErrorBounds.projection(100, 100.001).upper());
    assertEquals(1, ErrorBounds.projection(100, -0.001).upper());
    assertEquals(1, ErrorBounds.subadditive(new double[] {100.001}, 100).lower());
    assertEquals(0, ErrorBounds.subadditive(new double[] {-1e-9}, 100).lower());
    assertRefused(
        "projected energy 101.0 exceeds the energy 100.0", () -> ErrorBounds.projection(100, 101));
    assertRefused(
        "leading energy of the seed NaN is not a finite number of at least 0",
        () -> ErrorBounds.weyl(100, Double.NaN));
    assertRefused(
        "energy -1.0 is not a finite number of at least 0", () -> ErrorBounds.weyl(-1, 0));
    assertRefused(
        "squared singular value -3.0 is not a finite number of at least 0",
        () -> ErrorBounds.residual(100, new double[] {5, -3}, 1));
    assertRefused(
        "tail energy of the blocks 120.0 exceeds the energy 100.0",
        () -> ErrorBounds.subadditive(new double[] {60, 60}, 100));
    assertRefused("rank -1 is negative", () -> ErrorBounds.residual(100, new double[] {5}, -1));
    assertRefused(
        "rank -2 is negative",
        () -> ErrorBounds.incremental(Spectrum.ofKept(new double[] {1}, 1), -2));
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }

  private static void assertInterval(
      double lower, double upper, Proof lowerProof, Proof upperProof, ErrorInterval actual) {
    assertEquals(lower, actual.lower(), 1e-15);
    assertEquals(upper, actual.upper(), 1e-15);
    assertEquals(lowerProof, actual.lowerProof());
    assertEquals(upperProof, actual.upperProof());
  }
}
