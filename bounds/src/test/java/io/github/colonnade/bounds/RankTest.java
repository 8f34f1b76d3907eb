package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankTest {

  @ParameterizedTest
  @CsvSource({"1, 0", "0.99, 1", "0.5, 1", "0.49, 2", "0.3, 2", "0.29, 3", "1e-12, 3", "0, 3"})
  void leastRankWhoseTailIsWithinTheLimit(double limit, int expected) {
    Spectrum s = Spectrum.ofKept(new double[] {75, 16, 9, 0}, 0);
    assertEquals(OptionalInt.of(expected), Rank.smallestFor(s, limit));
  }

  @Test
  void noRankIsEnoughWhenTooMuchWasDropped() {
    Spectrum s = Spectrum.ofKept(new double[] {90, 6}, 4);
    assertEquals(OptionalInt.of(2), Rank.smallestFor(s, 0.2));
    assertEquals(OptionalInt.empty(), Rank.smallestFor(s, 0.19));
  }

  @Test
  void noEnergyNeedsNoRank() {
    assertEquals(OptionalInt.of(0), Rank.smallestFor(Spectrum.ofKept(new double[3], 0), 0));
    assertEquals(OptionalInt.of(0), Rank.smallestFor(Spectrum.of(new double[0], 0), 0));
  }

  @ParameterizedTest
  @CsvSource({"1e-40", "1e40"})
  void scaleDoesNotMatter(double scale) {
    Spectrum s = Spectrum.ofKept(new double[] {75, 16, 9}, 0).scaledBy(scale);
    assertEquals(OptionalInt.of(2), Rank.smallestFor(s, 0.31));
  }

  @Test
  void refusesALimitThatIsNoNumber() {
    Spectrum s = Spectrum.ofKept(new double[] {1}, 0);
    assertThrows(IllegalArgumentException.class, () -> Rank.smallestFor(s, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Rank.smallestFor(s, -0.1));
  }
}
