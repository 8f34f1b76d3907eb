package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Format;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

/** However few vectors are looked at, a block takes no more than its rank does. */
class LoneBlockPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  @Property(tries = 60)
  void takesNoMoreThanItsRank(
      @ForAll @IntRange(min = 90, max = 170) int m,
      @ForAll @IntRange(min = 60, max = 230) int n,
      @ForAll @DoubleRange(min = 0.1, max = 3) double decay,
      @ForAll @DoubleRange(min = 0.02, max = 0.6) double limit,
      @ForAll boolean keepsColumns,
      @ForAll long seed) {
    double[] a = matrix(new Random(seed), m, n, decay);
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, Scope.BLOCK), Integer.MAX_VALUE, Format.F32);
    long raw = (long) m * n;
    ClusterEncoder encoder =
        keepsColumns
            ? ClusterEncoder.keepingColumns(LA, settings)
            : new ClusterEncoder(LA, settings);
    Encoding encoding =
        encoder
            .encode(
                m,
                List.of(new Member(0, n, 0, raw)),
                OptionalInt.empty(),
                j -> LA.fromColumns(a, m, n))
            .get(0);
    double[] sigmas;
    try (Matrix whole = LA.fromColumns(a, m, n)) {
      LinearAlgebra.LeftSvd svd = LA.leftSvd(whole);
      svd.vectors().close();
      sigmas = svd.values();
    }
    double energy = Arrays.stream(sigmas).map(each -> each * each).sum();
    double left = limit * limit - Math.pow(Format.F32.typicalRounding(), 2);
    int rank = sigmas.length;
    double tail = 0;
    while (rank > 0 && tail + sigmas[rank - 1] * sigmas[rank - 1] <= left * energy) {
      rank--;
      tail += sigmas[rank] * sigmas[rank];
    }
    long most = (long) rank * (m + n);
    if (encoding instanceof Encoding.LowRank factors) {
      Statistics.label("stored").collect("factors");
      assertTrue(factors.error() <= limit);
      // By columns, a bit for each at most.
      long kept = factors.blocks().get(0).channels().length * (long) m + n / 32 + 1;
      long numbers = factors.numbers(Format.F32) + (keepsColumns ? kept : 0);
      assertTrue(numbers <= Math.min(most, raw), numbers + " for " + most);
    } else {
      Statistics.label("stored").collect("raw");
      assertTrue(most >= raw, most + " for " + raw);
    }
  }

  /** Singular values that fall with the power {@code −decay} of their number. */
  private static double[] matrix(Random random, int m, int n, double decay) {
    int k = Math.min(m, n);
    double[] sizes = new double[k];
    for (int i = 0; i < k; i++) {
      sizes[i] = Math.pow(i + 1, -decay);
    }
    double[] left = new double[m * k];
    double[] right = new double[k * n];
    Arrays.setAll(left, i -> random.nextGaussian());
    Arrays.setAll(right, i -> random.nextGaussian());
    try (Matrix u = LA.fromColumns(left, m, k);
        Matrix scaled = LA.scaleColumns(u, sizes);
        Matrix v = LA.fromColumns(right, k, n);
        Matrix product = LA.product(scaled, v)) {
      double[] values = product.toDoubles();
      double largest = Arrays.stream(values).map(Math::abs).max().orElse(1);
      // As blocks are loaded: numbers of float, the largest between 1/2 and 1.
      int exponent = Math.getExponent(largest) + 1;
      return Arrays.stream(values).map(each -> Math.scalb((float) each, -exponent)).toArray();
    }
  }
}
