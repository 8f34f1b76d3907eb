package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Block;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Format;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Kind;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

/** Limits of about the rounding of double, against what stored factors lose exactly. */
class RoundingAllowancePropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 12;

  private static List<Encoding> encode(
      ClusterEncoder encoder, List<Block> blocks, double limit, OptionalInt shared) {
    return encoder.encode(
        M,
        ClusterEncoderPropertyTest.members(blocks, limit),
        shared,
        position -> {
          double[] values = blocks.get(position).values();
          return LA.fromColumns(values, M, values.length / M);
        });
  }

  @Property(tries = 300)
  void limitsNearTheRoundingHold(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll("exponents") List<Integer> exponents,
      @ForAll Format format,
      @ForAll Scope scope,
      @ForAll("limits") double limit,
      @ForAll("hints") OptionalInt shared,
      @ForAll long seed) {
    List<Block> blocks = ClusterEncoderPropertyTest.blocks(kinds, exponents, seed);
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, scope), Integer.MAX_VALUE, format);
    ClusterEncoder encoder =
        seed % 2 == 0
            ? new ClusterEncoder(LA, settings)
            : ClusterEncoder.keepingColumns(LA, settings);
    int seen = 0;
    for (Encoding each : encode(encoder, blocks, limit, shared)) {
      if (each instanceof Encoding.LowRank cluster) {
        List<int[]> kept = ClusterEncoderPropertyTest.keptRows(cluster);
        Exact.assertWithin(limit, scope == Scope.BLOCK, blocks, kept, cluster, format);
        seen += cluster.blocks().size();
      } else {
        seen++;
      }
    }
    assertEquals(blocks.size(), seen);
  }

  /** Whoever measures it in double, in whatever order, finds the limit kept. */
  @Property(tries = 200)
  void noOrderOfSummationFindsALimitBroken(
      @ForAll @IntRange(min = 1, max = 8) int rank,
      @ForAll @DoubleRange(min = 0.95, max = 1.2) double ofRounding,
      @ForAll boolean keeps,
      @ForAll long seed) {
    Random random = new Random(seed);
    int n = 30;
    double[] left = uniform(random, M * rank, 1);
    double[] right = uniform(random, n * rank, 1);
    double[] values = new double[M * n];
    for (int at = 0; at < values.length; at++) {
      for (int k = 0; k < rank; k++) {
        values[at] += left[at % M + k * M] * right[at / M + k * n] / rank;
      }
    }
    Member member = new Member(0, n, 0, (long) M * n);
    BlockLoader loader = position -> LA.fromColumns(values, M, n);
    Cluster cluster = new Cluster(LA, M, List.of(member), loader, Scope.BLOCK);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix vectors = scope.own(LA.leftSvd(scope.own(loader.load(0))).vectors());
      // What factors of the right rank lose is all rounding; the limit is about that.
      double rounding = factors(cluster, vectors, rank, 1e-12).encodeAll().error();
      double limit = keeps ? 40 * rounding : ofRounding * rounding;
      StoredFactors.Attempt attempt =
          factors(cluster, vectors, rank, limit)
              .encode(new RankPlan.Choice(rank, List.of(member), 0));
      if (keeps) {
        assertEquals(1, attempt.members().size(), "factors at " + limit);
      }
      if (attempt.members().isEmpty()) {
        return;
      }
      Encoding.LowRank found = attempt.encoding(Optional.empty(), true);
      List<Block> blocks = List.of(new Block(values, 0));
      Exact.assertWithin(limit, true, blocks, List.of(KeptRows.all(rank)), found, Format.F64);
      double[] u = Format.F64.decode(found.basis());
      double[] c = found.blocks().get(0).values(Format.F64, n);
      for (int order = 0; order < 20; order++) {
        double error = error(values, u, c, rank, n, random);
        assertTrue(error <= limit, error + " > " + limit);
      }
    }
  }

  private static StoredFactors factors(Cluster cluster, Matrix vectors, int rank, double limit) {
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, Scope.BLOCK), M, Format.F64);
    return new StoredFactors(LA, settings, cluster, vectors, rank);
  }

  /** ‖A − U·C‖ / ‖A‖ with the terms of each entry in a random order. */
  private static double error(double[] a, double[] u, double[] c, int r, int n, Random random) {
    List<Integer> order = new ArrayList<>(IntStream.range(-1, r).boxed().toList());
    Collections.shuffle(order, random);
    boolean fused = random.nextBoolean();
    double lost = 0;
    double energy = 0;
    for (int at = 0; at < a.length; at++) {
      double sum = 0;
      for (int k : order) {
        if (k < 0) {
          sum += a[at];
        } else {
          double x = -u[at % M * r + k];
          double y = c[k * n + at / M];
          sum = fused ? Math.fma(x, y, sum) : sum + x * y;
        }
      }
      lost += sum * sum;
      energy += a[at] * a[at];
    }
    return Math.sqrt(lost / energy);
  }

  /** The allowance by itself, for factors that need not be good ones. */
  @Property(tries = 300)
  void aMeasuredNormIsNoFurtherFromTheTrueOne(
      @ForAll @IntRange(min = 0, max = 40) int rank,
      @ForAll @IntRange(min = 1, max = 20) int n,
      @ForAll("sizes") double size,
      @ForAll boolean near,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] u = uniform(random, M * rank, 1);
    double[] c = uniform(random, rank * n, size);
    double[] a = uniform(random, M * n, 1);
    try (MatrixScope scope = new MatrixScope()) {
      Matrix basis = scope.own(LA.fromColumns(u, M, rank));
      Matrix coefficients = scope.own(LA.fromColumns(c, rank, n));
      if (near && rank > 0) {
        a = scope.own(LA.product(basis, coefficients)).toDoubles();
      }
      double[] values = a;
      Matrix residual = scope.own(LA.fromColumns(values, M, n));
      Cluster cluster =
          new Cluster(
              LA,
              M,
              List.of(new Member(0, n, 0, (long) M * n)),
              position -> LA.fromColumns(values, M, n),
              Scope.BLOCK);
      if (rank > 0) {
        LA.subtractProductInPlace(residual, basis, coefficients);
      }
      double measured = Math.sqrt(LA.energy(residual));
      double exact = Exact.root(Exact.energy(Exact.residual(values, u, c, M))).doubleValue();
      double allowance =
          RoundingAllowance.of(cluster, cluster.single(0), LA.columnEnergies(basis), c)[0];
      double ofSums = 1e-13 * exact;
      assertTrue(
          Math.abs(measured - exact) <= allowance + ofSums,
          measured + " measured, " + exact + " exactly, allowance " + allowance);
      assertTrue(allowance <= 1e-13 * (norm(values) + norm(u) * norm(c)), "allowance " + allowance);
    }
  }

  private static double[] uniform(Random random, int length, double size) {
    double[] values = new double[length];
    Arrays.setAll(values, i -> size * (2 * random.nextDouble() - 1));
    return values;
  }

  private static double norm(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(x -> x * x).sum());
  }

  /** Just above the rounding factors serve, and below it blocks keep their numbers. */
  @Example
  void whatCannotBeToldIsStoredAsItIs() {
    for (Scope scope : Scope.values()) {
      List<Block> blocks =
          ClusterEncoderPropertyTest.blocks(Collections.nCopies(4, Kind.SHARED), List.of(0), 5);
      for (double limit : new double[] {1e-14, 1e-16, 0}) {
        EncoderSettings settings = new EncoderSettings(new ErrorLimit(limit, scope), M, Format.F64);
        List<Encoding> encodings =
            encode(new ClusterEncoder(LA, settings), blocks, limit, OptionalInt.empty());
        if (limit > 1e-15) {
          assertEquals(1, encodings.size());
          assertEquals(2, assertInstanceOf(Encoding.LowRank.class, encodings.get(0)).rank());
        } else {
          encodings.forEach(each -> assertInstanceOf(Encoding.Raw.class, each));
        }
      }
    }
  }

  @Provide
  Arbitrary<List<Kind>> kinds() {
    return Arbitraries.of(Kind.values()).list().ofMinSize(1).ofMaxSize(5);
  }

  @Provide
  Arbitrary<List<Integer>> exponents() {
    return Arbitraries.of(-1000, -30, 0, 3, 1000).list().ofMinSize(1).ofMaxSize(3);
  }

  /** All sizes, those most where rounding is all that is lost. */
  @Provide
  Arbitrary<Double> limits() {
    Arbitrary<Double> all =
        Arbitraries.doubles().between(-17, -13).map(exponent -> Math.pow(10, exponent));
    return Arbitraries.oneOf(all, Arbitraries.doubles().between(0.3, 4).map(x -> x * 1e-16));
  }

  @Provide
  Arbitrary<Double> sizes() {
    return Arbitraries.of(1e-8, 1.0, 1e8);
  }

  @Provide
  Arbitrary<OptionalInt> hints() {
    return Arbitraries.of(OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(2));
  }
}
