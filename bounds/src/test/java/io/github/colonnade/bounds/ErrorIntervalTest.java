package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorIntervalTest {

  @ParameterizedTest
  @CsvSource({"-0.1, 0.5", "0.5, 1.1", "0.5, 0.4", "NaN, 0.5", "0.5, NaN", "0.5, 0.4999999999"})
  void refusesWhatIsNotAnIntervalWithinZeroAndOne(double lower, double upper) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> interval(lower, upper));
    assertEquals(
        "error interval [" + lower + ", " + upper + "] is not an interval within [0, 1]",
        refusal.getMessage());
  }

  @Test
  void sidesThatCrossByRoundingCollapseOntoTheUpper() {
    double upper = 0.3;
    assertEquals(upper, interval(Math.nextUp(upper), upper).lower());
    assertEquals(1e-9, interval(1e-9 * (1 + 1e-13), 1e-9).lower());
  }

  @Test
  void unknownAndExact() {
    assertEquals(new ErrorInterval(0, 1, Proof.TRIVIAL, Proof.TRIVIAL), ErrorInterval.unknown());
    assertEquals(
        new ErrorInterval(0.25, 0.25, Proof.EXACT, Proof.EXACT), ErrorInterval.exact(0.25));
  }

  @Test
  void meetKeepsWhoProvedEachSide() {
    ErrorInterval sketch = new ErrorInterval(0.1, 0.3, Proof.INCREMENTAL, Proof.INCREMENTAL);
    ErrorInterval blocks = new ErrorInterval(0.2, 1, Proof.SUBADDITIVE, Proof.TRIVIAL);
    ErrorInterval met = new ErrorInterval(0.2, 0.3, Proof.SUBADDITIVE, Proof.INCREMENTAL);
    assertEquals(met, sketch.meet(blocks));
    assertEquals(met, blocks.meet(sketch));
    assertEquals(sketch, sketch.meet(ErrorInterval.unknown()));
  }

  @Test
  void meetOfSidesThatCrossByRoundingKeepsBothClaimsTrue() {
    ErrorInterval difference = new ErrorInterval(0, 0, Proof.TRIVIAL, Proof.WEYL);
    ErrorInterval met = ErrorInterval.exact(1e-9).meet(difference);
    assertEquals(new ErrorInterval(0, 1e-9, Proof.EXACT, Proof.WEYL), met);
    assertEquals(Decision.UNDECIDED, met.decide(1e-10));
  }

  @Test
  void meetRefusesAContradiction() {
    ErrorInterval low = interval(0.1, 0.2);
    ErrorInterval high = interval(0.3, 0.4);
    assertThrows(IllegalArgumentException.class, () -> low.meet(high));
    assertThrows(IllegalArgumentException.class, () -> high.meet(low));
  }

  @ParameterizedTest
  @CsvSource({
    "0.31, ACCEPT",
    "0.3, ACCEPT",
    "0.29, UNDECIDED",
    "0.2, UNDECIDED",
    "0.19, REJECT",
    "0, REJECT"
  })
  void decides(double limit, Decision expected) {
    assertEquals(expected, interval(0.2, 0.3).decide(limit));
  }

  @Test
  void refusesALimitThatIsNoNumber() {
    ErrorInterval interval = interval(0.2, 0.3);
    assertThrows(IllegalArgumentException.class, () -> interval.decide(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> interval.decide(-0.1));
  }

  private static ErrorInterval interval(double lower, double upper) {
    return new ErrorInterval(lower, upper, Proof.INCREMENTAL, Proof.INCREMENTAL);
  }
}
