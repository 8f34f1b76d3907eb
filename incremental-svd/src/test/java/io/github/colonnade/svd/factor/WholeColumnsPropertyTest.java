package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.statistics.Statistics;

class WholeColumnsPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  /** Low rank, noise, and some columns that are like no other, column after column. */
  private static double[] matrix(int m, int n, int rank, int outliers, double noise, long seed) {
    Random random = new Random(seed);
    double[] u = random.doubles((long) m * rank, -1, 1).toArray();
    double[] v = random.doubles((long) rank * n, -1, 1).toArray();
    double[] a = new double[m * n];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        for (int l = 0; l < rank; l++) {
          a[i + j * m] += u[i + l * m] * v[l + j * rank];
        }
        a[i + j * m] += noise * random.nextGaussian();
      }
    }
    for (int each = 0; each < outliers; each++) {
      int j = random.nextInt(n);
      double size = 1 + 5 * random.nextDouble();
      for (int i = 0; i < m; i++) {
        a[i + j * m] = size * random.nextGaussian();
      }
    }
    double largest = Arrays.stream(a).map(Math::abs).max().orElse(0);
    int exponent = largest == 0 ? 0 : Math.getExponent(largest) + 1;
    for (int i = 0; i < a.length; i++) {
      a[i] = Math.scalb((float) a[i], -exponent);
    }
    return a;
  }

  private static BlockLoader loader(double[] a, int m) {
    return new BlockLoader() {
      @Override
      public Matrix load(int position) {
        return LA.fromColumns(a, m, a.length / m);
      }

      @Override
      public int sourceBytes(int position) {
        return Float.BYTES;
      }
    };
  }

  private static Encoding encode(double[] a, int m, int exponent, double limit, Format format) {
    int n = a.length / m;
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, Scope.BLOCK), Integer.MAX_VALUE, format);
    Member member = new Member(0, n, exponent, (long) m * n);
    List<Encoding> encodings =
        ClusterEncoder.keepingColumns(LA, settings)
            .encode(m, List.of(member), OptionalInt.empty(), loader(a, m));
    assertEquals(1, encodings.size());
    return encodings.get(0);
  }

  /** ‖A − Â‖ / ‖A‖ by loops, from the bytes. */
  private static double error(
      double[] a, int m, int exponent, Encoding.LowRank encoding, Format format) {
    EncodedBlock block = encoding.blocks().get(0);
    int n = a.length / m;
    int r = encoding.rank();
    double[] u = format.decode(encoding.basis());
    double[] c = block.values(format, n);
    int others = n - block.channels().length;
    assertEquals(r * others, c.length);
    double lost = 0;
    double energy = 0;
    int at = 0;
    for (int j = 0; j < n; j++) {
      boolean whole = Arrays.binarySearch(block.channels(), j) >= 0;
      for (int i = 0; i < m; i++) {
        double original = a[i + j * m];
        energy += original * original;
        if (!whole) {
          double product = 0;
          for (int l = 0; l < r; l++) {
            product += u[i * r + l] * c[l * others + at];
          }
          double difference = original - product * Math.scalb(block.scale(), -exponent);
          lost += difference * difference;
        }
      }
      at += whole ? 0 : 1;
    }
    return Math.sqrt(lost / energy);
  }

  private static long numbers(int m, Encoding.LowRank encoding, Format format) {
    EncodedBlock block = encoding.blocks().get(0);
    return format.numbers(encoding.basis().length)
        + format.numbers(block.coefficients().length)
        + (long) m * block.channels().length
        + LostPlan.bitmapNumbers(block.channels(), Float.BYTES);
  }

  /** The least rank of the whole block by its exact spectrum, as numbers; raw if none pays. */
  private static long withoutColumns(double[] a, int m, double limit) {
    int n = a.length / m;
    try (Matrix matrix = LA.fromColumns(a, m, n)) {
      double[] values = LA.leftSvd(matrix).values();
      double allowed = limit * limit * LA.energy(matrix);
      double tail = 0;
      int rank = values.length;
      while (rank > 0 && tail + values[rank - 1] * values[rank - 1] <= allowed) {
        rank--;
        tail += values[rank] * values[rank];
      }
      return Math.min((long) rank * (m + n), (long) m * n);
    }
  }

  @Property(tries = 300)
  void shouldKeepTheLimitOnWhatIsStored(
      @ForAll @IntRange(min = 1, max = 40) int m,
      @ForAll @IntRange(min = 1, max = 60) int n,
      @ForAll @IntRange(min = 0, max = 4) int rank,
      @ForAll @IntRange(min = 0, max = 8) int outliers,
      @ForAll @IntRange(min = 0, max = 8) int size,
      @ForAll Format format,
      @ForAll @IntRange(min = -40, max = 40) int exponent,
      @ForAll long seed) {
    double limit = new double[] {0.9, 0.5, 0.2, 0.1, 0.03, 0.01, 1e-3, 1e-5, 0}[size];
    double[] a = matrix(m, n, rank, outliers, 0.5 * limit, seed);

    Encoding encoding = encode(a, m, exponent, limit, format);

    if (encoding instanceof Encoding.LowRank lowRank) {
      EncodedBlock block = lowRank.blocks().get(0);
      Statistics.label("whole columns").collect(block.channels().length > 0);
      if (lowRank.rank() == 0 && block.channels().length == 0) {
        return; // The block is zero.
      }
      double error = error(a, m, exponent, lowRank, format);
      assertTrue(error <= limit, () -> error + " of " + limit);
      assertEquals(error, block.error(), 1e-11 + 1e-9 * error);
      assertEquals(block.error(), lowRank.error(), 1e-15);
      assertTrue(numbers(m, lowRank, format) < (long) m * n);
      assertTrue(block.channels().length < n);
      if (format == Format.F64 && limit >= 1e-3) {
        long plain = withoutColumns(a, m, limit * (1 - 1e-8));
        assertTrue(numbers(m, lowRank, format) <= plain);
      }
    } else {
      Statistics.label("whole columns").collect(false);
    }
  }

  @Example
  void shouldKeepColumnsThatStandOut() {
    double[] a = matrix(60, 200, 3, 10, 1e-3, 5);

    Encoding.LowRank encoding =
        assertInstanceOf(Encoding.LowRank.class, encode(a, 60, 0, 0.05, Format.F32));

    // Alone the outliers need a direction each, of 260 numbers.
    assertEquals(3, encoding.rank());
    long distinct = encoding.blocks().get(0).channels().length;
    assertTrue(distinct >= 9 && distinct <= 10);
    assertTrue(withoutColumns(a, 60, 0.05) > 1.5 * numbers(60, encoding, Format.F32));
  }

  @Example
  void shouldStoreNothingElseWhereTheRestMayBeLost() {
    double[] a = matrix(1, 500, 0, 3, 1e-4, 2);

    Encoding.LowRank encoding =
        assertInstanceOf(Encoding.LowRank.class, encode(a, 1, 3, 0.01, Format.F32));

    assertEquals(0, encoding.rank());
    assertEquals(0, encoding.basis().length);
    assertEquals(3, encoding.blocks().get(0).channels().length);
    assertEquals(error(a, 1, 3, encoding, Format.F32), encoding.error(), 1e-15);
  }

  @Property(tries = 100)
  void shouldEncodeTheSizeThatIsAskedFor(
      @ForAll @IntRange(min = 1, max = 20) int m,
      @ForAll @IntRange(min = 1, max = 30) int n,
      @ForAll @IntRange(min = 1, max = 6) int wanted,
      @ForAll @IntRange(min = 0, max = 10) int count,
      @ForAll Format format,
      @ForAll long seed) {
    double[] a = matrix(m, n, 2, 3, 0.1, seed);
    int rank = Math.min(wanted, Math.min(m, n));
    int columns = Math.min(count, n);
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(1, Scope.BLOCK), Integer.MAX_VALUE, format);

    Encoding encoding =
        new LostEncoder(LA, settings)
            .encodeFixed(new Member(0, n, 2, (long) m * n), loader(a, m), rank, columns);

    if (encoding instanceof Encoding.LowRank lowRank) {
      EncodedBlock block = lowRank.blocks().get(0);
      assertEquals(columns, block.channels().length);
      assertTrue(lowRank.rank() <= rank);
      assertTrue(numbers(m, lowRank, format) < (long) m * n);
      double error = error(a, m, 2, lowRank, format);
      assertEquals(error, block.error(), 1e-12);
      // Keeping columns after the decomposition of the whole is one of the choices.
      if (format == Format.F64) {
        assertTrue(error <= afterwards(a, m, rank, columns) + 1e-7);
      }
    } else {
      int others = n - columns;
      long channels = LostPlan.bitmapNumbers(IntStream.range(0, columns).toArray(), Float.BYTES);
      long least = (long) Math.min(rank, Math.min(m, others)) * (m + others);
      assertTrue(least + (long) m * columns + channels >= (long) m * n);
    }
  }

  private static double afterwards(double[] a, int m, int rank, int count) {
    int n = a.length / m;
    try (Matrix matrix = LA.fromColumns(a, m, n)) {
      Matrix vectors = LA.leftSvd(matrix).vectors();
      Matrix leading = LA.columns(vectors, 0, rank);
      Matrix projection = LA.transposedProduct(leading, matrix);
      Matrix residual = LA.cast(matrix, matrix.precision());
      LA.subtractProductInPlace(residual, leading, projection);
      double[] losses = LA.columnEnergies(residual);
      Arrays.sort(losses);
      return Math.sqrt(Arrays.stream(losses).limit(n - count).sum() / LA.energy(matrix));
    }
  }
}
