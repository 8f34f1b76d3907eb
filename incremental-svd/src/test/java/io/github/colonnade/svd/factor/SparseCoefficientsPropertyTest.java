package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Format;
import java.util.Arrays;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;

class SparseCoefficientsPropertyTest {

  @Property
  void whatIsStoredIsReadAgain(
      @ForAll @Size(max = 70) double[] values,
      @ForAll @DoubleRange(min = 0, max = 1) double share) {
    double[] some = new double[values.length];
    for (int i = 0; i < some.length; i++) {
      // Neither infinite nor rounded, and some of them zero.
      some[i] = i % 10 < share * 10 ? Math.rint(Math.IEEEremainder(values[i], 1e6)) : 0;
      some[i] = some[i] == 0 ? 0 : some[i];
    }
    byte[] bytes = SparseCoefficients.encode(Format.F64, some);
    assertArrayEquals(some, SparseCoefficients.decode(Format.F64, bytes, some.length));
    long notZero = Arrays.stream(some).filter(x -> x != 0).count();
    assertEquals(SparseCoefficients.bytes(some.length, notZero, Double.BYTES), bytes.length);
  }

  @Example
  void theLowestBitComesFirst() {
    byte[] bytes = SparseCoefficients.encode(Format.F64, new double[] {0, 5, 0, 0, 0, 0, 0, 0, 7});
    assertEquals(2 + 2 * Double.BYTES, bytes.length);
    assertEquals(2, bytes[0]);
    assertEquals(1, bytes[1]);
  }

  @Example
  void asManyValuesAsBits() {
    byte[] bits = {0b101};
    assertArrayEquals(
        new double[] {1, 0, 2}, SparseCoefficients.spread(bits, new double[] {1, 2}, 3));
    for (int count : new int[] {1, 3}) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> SparseCoefficients.spread(bits, new double[count], 3));
      assertTrue(String.valueOf(e.getMessage()).startsWith("it has " + count), e.getMessage());
    }
  }

  @Property
  void theSmallestThatFitAreCounted(
      @ForAll @Size(min = 1, max = 300) double[] values,
      @ForAll @DoubleRange(min = 0, max = 1.1) double share,
      @ForAll @DoubleRange(min = 0, max = 1.1) double shareBefore) {
    double[] energies =
        Arrays.stream(values)
            .map(x -> Math.abs(Math.IEEEremainder(x, 1)))
            .map(x -> x * x)
            .toArray();
    SmallestFirst smallest = new SmallestFirst();
    double sum = 0;
    for (int i = 0; i < energies.length; i++) {
      smallest.add(energies[i]);
      sum += energies[i];
      // Asking in between changes nothing.
      smallest.fitting(shareBefore * sum);
    }
    double budget = share * sum;
    Arrays.sort(energies);
    // Energies of one class differ by 1/16 at most.
    assertTrue(smallest.fitting(budget) >= fitting(energies, budget / (1 + 0.07)) - 1);
    assertTrue(smallest.fitting(budget) <= fitting(energies, budget * (1 + 0.07)) + 1);
  }

  private static long fitting(double[] ascending, double budget) {
    double sum = 0;
    int count = 0;
    while (count < ascending.length && sum + ascending[count] <= budget) {
      sum += ascending[count++];
    }
    return count;
  }
}
