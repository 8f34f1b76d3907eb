package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Format;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.lost.LostPlan;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Assume;
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
    Statistics.label("stored").collect(stored(a, m, limit, Format.F32, keepsColumns));
  }

  @Property(tries = 5)
  void largeBlocksOfSmallRankTakeNoMoreEither(
      @ForAll @IntRange(min = 520, max = 540) int m,
      @ForAll @IntRange(min = 515, max = 560) int n,
      @ForAll @DoubleRange(min = 2, max = 3) double decay,
      @ForAll @DoubleRange(min = 1, max = 2.6) double digits,
      @ForAll Format format,
      @ForAll boolean keepsColumns,
      @ForAll long seed) {
    double limit = Math.pow(10, -digits);
    Assume.that(limit > 1.1 * format.typicalRounding());
    assertEquals(
        "factors", stored(matrix(new Random(seed), m, n, decay), m, limit, format, keepsColumns));
  }

  /** How a block is stored, which has no more numbers than those of the rank that it needs. */
  private static String stored(
      double[] a, int m, double limit, Format format, boolean keepsColumns) {
    int n = a.length / m;
    long raw = (long) m * n;
    double[] sigmas;
    try (Matrix whole = LA.fromColumns(a, m, n)) {
      LinearAlgebra.LeftSvd svd = LA.leftSvd(whole);
      svd.vectors().close();
      sigmas = svd.values();
    }
    double energy = Arrays.stream(sigmas).map(each -> each * each).sum();
    double left = limit * limit - Math.pow(format.typicalRounding(), 2);
    int rank = sigmas.length;
    double tail = 0;
    while (rank > 0 && tail + sigmas[rank - 1] * sigmas[rank - 1] <= left * energy) {
      rank--;
      tail += sigmas[rank] * sigmas[rank];
    }
    // What rounding really is may take a direction more.
    int spare = format == Format.F32 || format == Format.F64 ? 0 : 1;
    long most = (long) (rank + spare) * (m + n);
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, Scope.BLOCK), Integer.MAX_VALUE, format);
    ClusterEncoder encoder =
        keepsColumns
            ? ClusterEncoder.keepingColumns(LA, settings)
            : new ClusterEncoder(LA, settings);
    Member member = new Member(0, n, 0, Math.min(raw, (long) rank * (m + n)));
    BlockLoader loader =
        new BlockLoader() {
          @Override
          public Matrix load(int position) {
            return LA.fromColumns(a, m, n);
          }

          @Override
          public int sourceBytes(int position) {
            return format.sizeBytes();
          }
        };
    Encoding encoding = encoder.encode(m, List.of(member), OptionalInt.empty(), loader).get(0);
    if (encoding instanceof Encoding.LowRank factors) {
      assertTrue(factors.error() <= limit);
      int[] channels = factors.blocks().get(0).channels();
      long kept = channels.length * (long) m + LostPlan.bitmapNumbers(channels, format.sizeBytes());
      long numbers = factors.numbers(format) + kept;
      assertTrue(numbers <= Math.min(most, raw), numbers + " for " + most);
      return "factors";
    }
    assertTrue(most >= raw, most + " for " + raw);
    return "raw";
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
