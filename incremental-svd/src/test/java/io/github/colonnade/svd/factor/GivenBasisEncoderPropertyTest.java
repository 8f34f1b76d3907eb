package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

class GivenBasisEncoderPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 12;

  /** Some columns as bytes, row after row. */
  private record Stored(byte[] bytes, int rank) {
    static Stored of(double[] rowByRow, int rank, Format format) {
      return new Stored(format.encode(rowByRow), rank);
    }

    GivenBasis open(Format format) {
      double[] rows = format.decode(bytes);
      double[] columns = new double[rows.length];
      for (int i = 0; i < M; i++) {
        for (int k = 0; k < rank; k++) {
          columns[i + k * M] = rows[k + i * rank];
        }
      }
      try (Matrix stored = LA.fromColumns(columns, M, rank)) {
        return GivenBasis.of(LA, stored, format);
      }
    }
  }

  private static BlockLoader loader(List<Block> blocks) {
    return position -> {
      double[] values = blocks.get(position).values();
      return LA.fromColumns(values, M, values.length / M);
    };
  }

  /** A basis that the ordinary encoder gave other blocks of the same kinds. */
  private static Stored encoded(
      List<Block> blocks, List<Member> members, EncoderSettings settings, int own) {
    Stored best = new Stored(new byte[0], 0);
    for (Encoding each :
        new ClusterEncoder(LA, settings).encode(M, members, OptionalInt.of(own), loader(blocks))) {
      if (each instanceof Encoding.LowRank cluster && cluster.rank() > best.rank) {
        best = new Stored(cluster.basis(), cluster.rank());
      }
    }
    return best;
  }

  @Property(tries = 400)
  void nothingWrittenExceedsItsLimit(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll("exponents") List<Integer> exponents,
      @ForAll Format format,
      @ForAll Scope scope,
      @ForAll("limits") double limit,
      @ForAll @IntRange(min = 1, max = 7) int known,
      @ForAll @IntRange(min = 0, max = 3) int own,
      @ForAll long seed) {
    List<Block> blocks = ClusterEncoderPropertyTest.blocks(kinds, exponents, seed);
    List<Member> members = ClusterEncoderPropertyTest.members(blocks, limit);
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, scope), Integer.MAX_VALUE, format);
    List<Member> first = members.subList(0, Math.min(known, members.size()));
    Stored stored = encoded(blocks, first, settings, own);
    check(blocks, members, settings, format, stored);
  }

  /**
   * Where rounding alone takes about all that the limit allows, only the measurement tells; and for
   * F64 not even that, since it rounds by as much.
   */
  @Property(tries = 300)
  void limitsNearTheRoundingHold(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll Format format,
      @ForAll Scope scope,
      @ForAll @DoubleRange(min = 0.3, max = 1.2) double roundings,
      @ForAll long seed) {
    double limit = roundings * format.unitRoundoff();
    List<Block> blocks = ClusterEncoderPropertyTest.blocks(kinds, List.of(0, 5), seed);
    // What a block costs alone is not the question here.
    List<Member> members =
        ClusterEncoderPropertyTest.members(blocks, limit).stream()
            .map(each -> new Member(each.position(), each.columns(), each.exponent(), 1_000_000))
            .toList();
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, scope), Integer.MAX_VALUE, format);
    double[] directions;
    try (Matrix basis = LA.qr(LA.fromColumns(gaussian(seed), M, M)).q()) {
      directions = basis.toDoubles();
    }
    check(blocks, members, settings, format, Stored.of(directions, M, format));
  }

  private static double[] gaussian(long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, M * M).mapToDouble(i -> random.nextGaussian()).toArray();
  }

  @Property(tries = 200)
  void anyColumnsServeAsABasis(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll("exponents") List<Integer> exponents,
      @ForAll Format format,
      @ForAll Scope scope,
      @ForAll("limits") double limit,
      @ForAll("values") List<Double> pieces,
      @ForAll @IntRange(min = 0, max = 15) int rank,
      @ForAll long seed) {
    List<Block> blocks = ClusterEncoderPropertyTest.blocks(kinds, exponents, seed);
    List<Member> members = ClusterEncoderPropertyTest.members(blocks, limit);
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(limit, scope), Integer.MAX_VALUE, format);
    Random random = new Random(seed);
    double[] values =
        IntStream.range(0, M * rank)
            .mapToDouble(i -> pieces.get(random.nextInt(pieces.size())))
            .toArray();
    check(blocks, members, settings, format, Stored.of(values, rank, format));
  }

  /** Plain sums over what the bytes say. */
  private static void check(
      List<Block> blocks,
      List<Member> members,
      EncoderSettings settings,
      Format format,
      Stored stored) {
    double limit = settings.limit().value();
    GivenBasisEncoder.Result result;
    try (GivenBasis basis = stored.open(format)) {
      result = new GivenBasisEncoder(LA, settings).encode(M, members, basis, loader(blocks));
    }
    List<Integer> seen = new ArrayList<>(result.others().stream().map(Member::position).toList());
    if (result.joined().isPresent()) {
      Encoding.LowRank joined = result.joined().get();
      assertEquals(0, joined.basis().length, "the basis is stored already");
      assertEquals(stored.rank, joined.rank());
      Encoding.LowRank whole =
          new Encoding.LowRank(
              joined.rank(),
              stored.bytes,
              joined.mask(),
              joined.blocks(),
              joined.error(),
              joined.weightedError(),
              joined.energy(),
              joined.weightedEnergy(),
              joined.spectrum(),
              joined.intact());
      int top =
          joined.blocks().stream()
              .map(each -> blocks.get(each.position()))
              .filter(block -> Arrays.stream(block.values()).anyMatch(x -> x != 0))
              .mapToInt(Block::exponent)
              .max()
              .orElse(0);
      List<int[]> kept = new ArrayList<>();
      double lost = 0;
      double energy = 0;
      long numbers = format.numbers(joined.mask().length);
      long alone = 0;
      for (int i = 0; i < joined.blocks().size(); i++) {
        EncodedBlock each = joined.blocks().get(i);
        int[] rows =
            joined.mask().length == 0
                ? KeptRows.all(joined.rank())
                : KeptRows.read(joined.mask(), joined.blocks().size(), joined.rank()).rows(i);
        assertEquals(each.rows(), rows.length);
        kept.add(rows);
        Block block = blocks.get(each.position());
        double[] own =
            ClusterEncoderPropertyTest.residualAndEnergy(block, each, rows, whole, format);
        double error = own[1] == 0 ? 0 : Math.sqrt(own[0] / own[1]);
        assertEquals(error, each.error(), 1e-12, "certificate of " + each.position());
        if (settings.limit().scope() == Scope.BLOCK) {
          assertTrue(error <= limit, error + " > " + limit + " in block " + each.position());
        }
        double weight = own[1] == 0 ? 0 : Math.scalb(1.0, 2 * (block.exponent() - top));
        lost += weight * own[0];
        energy += weight * own[1];
        numbers += format.numbers(each.coefficients().length);
        alone += members.get(each.position()).loneCost();
        seen.add(each.position());
      }
      double error = energy == 0 ? 0 : Math.sqrt(lost / energy);
      assertEquals(error, joined.error(), 1e-12);
      assertTrue(error <= limit, "cluster " + error + " > " + limit);
      if (limit < 1e-12) {
        boolean each = settings.limit().scope() == Scope.BLOCK;
        Exact.assertWithin(limit, each, blocks, kept, whole, format);
      }
      assertTrue(numbers <= alone, numbers + " numbers, alone " + alone);
    }
    Collections.sort(seen);
    assertEquals(IntStream.range(0, blocks.size()).boxed().toList(), seen, "each block once");
  }

  /** Blocks of the same span join with no more than the rows that they need. */
  @Example
  void blocksOfTheSameSpanJoin() {
    for (Format format : Format.values()) {
      for (Scope scope : Scope.values()) {
        List<Block> blocks =
            ClusterEncoderPropertyTest.blocks(
                Collections.nCopies(9, Kind.SHARED), List.of(0, 3, -2), 5);
        List<Member> members = ClusterEncoderPropertyTest.members(blocks, 0.05);
        EncoderSettings settings =
            new EncoderSettings(new ErrorLimit(0.05, scope), Integer.MAX_VALUE, format);
        Stored stored = encoded(blocks, members.subList(0, 4), settings, 0);
        assertEquals(2, stored.rank);
        try (GivenBasis basis = stored.open(format)) {
          GivenBasisEncoder.Result result =
              new GivenBasisEncoder(LA, settings)
                  .encode(M, members.subList(4, 9), basis, loader(blocks));
          assertEquals(List.of(), result.others(), "as " + format + " in scope " + scope);
          long columns = members.subList(4, 9).stream().mapToLong(Member::columns).sum();
          long numbers = result.joined().orElseThrow().numbers(format);
          assertTrue(numbers <= 2 * columns, numbers + " numbers for " + columns + " columns");
        }
      }
    }
  }

  /** The mask counts all stored columns, also those that nobody can use. */
  @Example
  void masksNumberTheColumnsAsTheyAreStored() {
    for (Format format : Format.values()) {
      List<Block> blocks =
          ClusterEncoderPropertyTest.blocks(Collections.nCopies(6, Kind.SHARED), List.of(0), 5);
      List<Member> members = ClusterEncoderPropertyTest.members(blocks, 0.05);
      EncoderSettings settings =
          new EncoderSettings(new ErrorLimit(0.05, Scope.BLOCK), Integer.MAX_VALUE, format);
      Stored stored = encoded(blocks, members, settings, 0);
      double[] usable = format.decode(stored.bytes);
      double[] padded = new double[M * (stored.rank + 2)];
      for (int i = 0; i < M; i++) {
        System.arraycopy(usable, i * stored.rank, padded, i * (stored.rank + 2) + 1, stored.rank);
      }
      Stored withZeros = Stored.of(padded, stored.rank + 2, format);
      check(blocks, members, settings, format, withZeros);
      try (GivenBasis basis = withZeros.open(format)) {
        Encoding.LowRank joined =
            new GivenBasisEncoder(LA, settings)
                .encode(M, members, basis, loader(blocks))
                .joined()
                .orElseThrow();
        assertEquals(6, joined.blocks().size());
      }
    }
  }

  /** What blocks added for themselves need not be orthogonal to each other. */
  @Example
  void onlyOrthogonalColumnsAreUsed() {
    double[] columns = new double[M * 4];
    columns[0] = 1;
    columns[1 + M] = 1;
    columns[1 + 2 * M] = 0.6;
    columns[2 + 2 * M] = 0.8;
    columns[3 + 3 * M] = Double.NaN;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix stored = scope.own(LA.fromColumns(columns, M, 4));
      try (GivenBasis basis = GivenBasis.of(LA, stored, Format.F32)) {
        assertEquals(4, basis.rank());
        assertEquals(2, basis.columns().columns());
        assertEquals(0, basis.number(0));
        assertEquals(1, basis.number(1));
      }
    }
  }

  @Provide
  Arbitrary<List<Kind>> kinds() {
    return Arbitraries.of(Kind.values()).list().ofMinSize(1).ofMaxSize(7);
  }

  @Provide
  Arbitrary<List<Integer>> exponents() {
    return Arbitraries.of(-1000, -200, -66, 0, 10, 66, 200, 1000).list().ofMinSize(1).ofMaxSize(3);
  }

  @Provide
  Arbitrary<Double> limits() {
    return Arbitraries.of(0.0, 1e-12, 1e-8, 1e-5, 1e-3, 0.01, 0.05, 0.1, 0.3, 0.7, 1.0);
  }

  @Provide
  Arbitrary<List<Double>> values() {
    return Arbitraries.of(
            0.0, 1.0, -1.0, 0.5, 0.28867513, 1e-30, 1e30, Double.NaN, Double.POSITIVE_INFINITY)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }
}
