package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SpectrumTest {

  @Test
  void leadingValuesOfAKnownEnergy() {
    Spectrum s = Spectrum.of(new double[] {4, 9, 1}, 16);
    assertEquals(3, s.size());
    assertEquals(9, s.squaredSingularValue(0));
    assertEquals(4, s.squaredSingularValue(1));
    assertEquals(1, s.squaredSingularValue(2));
    assertEquals(16, s.energy());
    assertEquals(2, s.droppedEnergy());
    assertEquals(13, s.capturedEnergy(2));
    assertEquals(3, s.tailEnergy(2));
    assertEquals(Math.sqrt(3.0 / 16), s.error(2));
  }

  @Test
  void keptValuesAndDroppedEnergy() {
    Spectrum s = Spectrum.ofKept(new double[] {9, 4, 1}, 2);
    assertEquals(16, s.energy());
    assertEquals(2, s.droppedEnergy());
    assertEquals(0, s.capturedEnergy(0));
    assertEquals(16, s.tailEnergy(0));
    assertEquals(14, s.capturedEnergy(7));
    assertEquals(2, s.tailEnergy(7));
    assertEquals(1, s.error(0));
  }

  @Test
  void smallTailsKeepTheirPrecision() {
    double tail = 1.234567890123e-24;
    assertEquals(tail, Spectrum.ofKept(new double[] {0.7, 0.3, tail}, 0).tailEnergy(2));
    assertEquals(tail, Spectrum.ofKept(new double[] {0.7, 0.3}, tail).tailEnergy(2));
    Spectrum split = Spectrum.ofKept(new double[] {0.7, 0.3, 0.75 * tail}, 0.25 * tail);
    assertEquals(Math.sqrt(tail), split.error(2), 1e-10 * Math.sqrt(tail));
  }

  @Test
  void anEnergyThatEqualsTheValuesDropsNothing() {
    assertEquals(0, Spectrum.of(new double[] {0.5, 1e-24}, 0.5).droppedEnergy());
    assertEquals(1e-24, Spectrum.of(new double[] {0.5, 1e-24}, 0.5).tailEnergy(1));
  }

  @Test
  void roundingIsCleaned() {
    Spectrum s = Spectrum.of(new double[] {-1e-9, 10.0001}, 10);
    assertEquals(10.0001, s.squaredSingularValue(0));
    assertEquals(0, s.squaredSingularValue(1));
    assertEquals(10, s.capturedEnergy(1));
    assertEquals(0, s.droppedEnergy());
    assertEquals(10, s.tailEnergy(0));
    assertEquals(0, Spectrum.ofKept(new double[] {1, -1e-9}, 0).squaredSingularValue(1));
  }

  @Test
  void noEnergyMeansNoError() {
    assertEquals(0, Spectrum.of(new double[0], 0).error(0));
    assertEquals(0, Spectrum.ofKept(new double[3], 0).error(1));
  }

  @Test
  void copiesItsInput() {
    double[] values = {1, 4};
    Spectrum s = Spectrum.ofKept(values, 0);
    assertEquals(1, values[0], "the input must not be modified");
    values[1] = 100;
    assertEquals(4, s.squaredSingularValue(0));
  }

  @Test
  void scales() {
    Spectrum s = Spectrum.ofKept(new double[] {8, 4}, 4).scaledBy(0.25);
    assertEquals(2, s.squaredSingularValue(0));
    assertEquals(1, s.tailEnergy(2));
    assertEquals(4, s.energy());
    assertEquals(1, s.droppedEnergy());
    assertEquals(0, s.scaledBy(0).error(1));
  }

  @Test
  void refusesWhatRoundingDoesNotExplain() {
    assertRefused(
        "the sum of the squared singular values 12.0 exceeds the energy 10.0",
        () -> Spectrum.of(new double[] {8, 4}, 10));
    assertRefused(
        "squared singular value -1.0 is not a finite number of at least 0",
        () -> Spectrum.ofKept(new double[] {8, -1}, 0));
    assertRefused(
        "squared singular value NaN is not a finite number of at least 0",
        () -> Spectrum.of(new double[] {Double.NaN}, 10));
    assertRefused(
        "dropped energy -0.5 is not a finite number of at least 0",
        () -> Spectrum.ofKept(new double[] {8}, -0.5));
    assertRefused(
        "energy Infinity is not a finite number of at least 0",
        () -> Spectrum.ofKept(new double[] {1e308, 1e308}, 0));
    Spectrum s = Spectrum.ofKept(new double[] {8}, 0);
    assertRefused("rank -1 is negative", () -> s.tailEnergy(-1));
    assertRefused("factor -1.0 is not a finite number of at least 0", () -> s.scaledBy(-1));
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
