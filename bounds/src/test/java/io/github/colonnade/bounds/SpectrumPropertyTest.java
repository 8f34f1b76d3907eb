package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.DoubleRange;

/** Spectra over many magnitudes, and the ranks chosen from them. */
class SpectrumPropertyTest {

  @Provide
  Arbitrary<double[]> values() {
    return magnitudes().array(double[].class).ofMaxSize(12);
  }

  @Provide
  Arbitrary<Double> magnitudes() {
    Arbitrary<Double> magnitude =
        Combinators.combine(
                Arbitraries.doubles().between(1, 10), Arbitraries.integers().between(-30, 0))
            .as((mantissa, exponent) -> mantissa * Math.pow(10, exponent));
    return Arbitraries.frequencyOf(Tuple.of(5, magnitude), Tuple.of(1, Arbitraries.just(0.0)));
  }

  @Property(tries = 200)
  void tailsKeepTheirRelativePrecision(
      @ForAll("values") double[] values, @ForAll("magnitudes") double dropped) {
    Spectrum s = Spectrum.ofKept(values, dropped);
    double[] ascending = values.clone();
    Arrays.sort(ascending);
    BigDecimal tail = new BigDecimal(dropped);
    for (int i = 0; i <= ascending.length; i++) {
      double expected = tail.doubleValue();
      assertEquals(expected, s.tailEnergy(values.length - i), 1e-14 * expected);
      if (i < ascending.length) {
        tail = tail.add(new BigDecimal(ascending[i]));
      }
    }
  }

  @Property(tries = 200)
  void capturedAndTailMakeUpTheEnergy(
      @ForAll("values") double[] values, @ForAll("magnitudes") double dropped) {
    Spectrum s = Spectrum.ofKept(values, dropped);
    for (int r = 0; r <= s.size(); r++) {
      assertEquals(s.energy(), s.capturedEnergy(r) + s.tailEnergy(r), 1e-14 * s.energy());
      assertTrue(s.capturedEnergy(r) <= s.energy());
      assertTrue(s.tailEnergy(r) <= s.tailEnergy(Math.max(0, r - 1)));
    }
  }

  @Property(tries = 200)
  void theChosenRankIsTheLeastThatIsAccepted(
      @ForAll("values") double[] values,
      @ForAll("magnitudes") double dropped,
      @ForAll @DoubleRange(min = 0, max = 1) double limit) {
    Spectrum s = Spectrum.ofKept(values, dropped);
    OptionalInt accepted =
        IntStream.rangeClosed(0, s.size())
            .filter(r -> ErrorBounds.incremental(s, r).decide(limit) == Decision.ACCEPT)
            .findFirst();
    assertEquals(accepted, Rank.smallestFor(s, limit));
  }
}
