package io.github.colonnade.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HistogramPropertyTest {

  @Provide
  Arbitrary<List<Double>> errors() {
    return Arbitraries.oneOf(
            Arbitraries.doubles().between(0, 1),
            Arbitraries.of(0.0, 1e-300, 0.05, 0.1, 1.0, 7.0, 1e300))
        .list()
        .ofMaxSize(50);
  }

  @Property
  void everyValueIsInTheIntervalThatIsSaidToHoldIt(
      @ForAll("errors") List<Double> errors, @ForAll("marks") double mark) {
    double[] values = errors.stream().mapToDouble(Double::doubleValue).toArray();
    Histogram histogram = Histogram.of(values, mark, 40);

    assertEquals(values.length, LongStream.of(histogram.counts()).sum());
    double[] edges = histogram.edges();
    assertEquals(0, edges[0]);
    long[] counts = new long[histogram.counts().length];
    for (double value : values) {
      int bin = histogram.bin(value);
      counts[bin]++;
      assertTrue(value >= edges[bin] * (1 - 1e-9), value + " in " + bin);
      boolean last = bin == counts.length - 1;
      assertTrue(last || value <= edges[bin + 1] * (1 + 1e-9), value + " in " + bin);
    }
    for (int i = 0; i < counts.length; i++) {
      assertEquals(counts[i], histogram.counts()[i]);
    }
  }

  @Provide
  Arbitrary<Double> marks() {
    return Arbitraries.of(0.0, 0.05, 0.1, 1.0, 1e-12);
  }

  @Property
  void whatKeepsToTheLimitIsBelowIt(@ForAll("fractions") double fraction) {
    Histogram histogram = Histogram.of(new double[] {0.1 * fraction, 0.1}, 0.1, 40);
    assertTrue(histogram.bin(0.1 * fraction) < 40);
    assertEquals(39, histogram.bin(0.1));
    assertEquals(40, histogram.bin(0.1001));
  }

  @Provide
  Arbitrary<Double> fractions() {
    return Arbitraries.doubles().between(0, 1);
  }
}
