package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Block;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Format;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Blocks with weights: all errors against the explicit symmetric root of H by plain loops. */
class WeightedEncoderPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 12;

  enum Weight {
    NONE,
    DIAGONAL,
    UNEVEN,
    ZEROS,
    ALL_ZERO,
    EXTREME,
    FULL,
    SINGULAR,
    ZERO_ROWS
  }

  /** H: n×n symmetric; what is not zero of a diagonal one is on its diagonal. */
  private static double[] moment(Weight weight, int n, Random random) {
    double[] h = new double[n * n];
    int rank = weight == Weight.SINGULAR ? Math.max(1, n / 3) : 2 * n;
    switch (weight) {
      case FULL, SINGULAR, ZERO_ROWS -> {
        for (int l = 0; l < rank; l++) {
          double[] x = random.doubles(n, -1, 1).map(each -> each * each * each).toArray();
          for (int i = 0; i < n * n; i++) {
            boolean dead = weight == Weight.ZERO_ROWS && (i / n % 3 == 0 || i % n % 3 == 0);
            h[i] += dead ? 0 : x[i / n] * x[i % n];
          }
        }
      }
      default -> {
        for (int j = 0; j < n; j++) {
          double even = 0.5 + random.nextDouble();
          h[j * n + j] =
              switch (weight) {
                case UNEVEN -> Math.pow(10, -6 * random.nextDouble());
                case ZEROS -> random.nextBoolean() ? 0 : even;
                case ALL_ZERO -> 0;
                case EXTREME -> even * (j % 2 == 0 ? 1e-300 : 1e300);
                default -> even;
              };
        }
      }
    }
    return h;
  }

  private static Optional<ColumnWeight> weight(Weight weight, double[] h, int n) {
    return switch (weight) {
      case NONE -> Optional.empty();
      case FULL, SINGULAR, ZERO_ROWS ->
          Optional.of(SecondMoment.of(LA, h.clone(), n, 1e-4).weight(LA));
      default -> {
        double[] roots = new double[n];
        for (int j = 0; j < n; j++) {
          roots[j] = Math.sqrt(h[j * n + j]);
        }
        yield Optional.of(ColumnWeight.diagonal(roots));
      }
    };
  }

  /** H^½ by Jacobi's rotations: symmetric, so not the factor that is tested. */
  private static double[] symmetricRoot(double[] h, int n) {
    double[] a = h.clone();
    double[] v = new double[n * n];
    for (int i = 0; i < n; i++) {
      v[i * n + i] = 1;
    }
    for (int sweep = 0; sweep < 30; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          if (a[p * n + q] == 0) {
            continue;
          }
          double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
          double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
          double c = 1 / Math.hypot(t, 1);
          double s = t * c;
          for (int k = 0; k < n; k++) {
            double kp = a[k * n + p];
            double kq = a[k * n + q];
            a[k * n + p] = c * kp - s * kq;
            a[k * n + q] = s * kp + c * kq;
          }
          for (int k = 0; k < n; k++) {
            double pk = a[p * n + k];
            double qk = a[q * n + k];
            a[p * n + k] = c * pk - s * qk;
            a[q * n + k] = s * pk + c * qk;
            double vp = v[k * n + p];
            double vq = v[k * n + q];
            v[k * n + p] = c * vp - s * vq;
            v[k * n + q] = s * vp + c * vq;
          }
        }
      }
    }
    double[] root = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          root[i * n + j] += v[i * n + k] * Math.sqrt(Math.max(0, a[k * n + k])) * v[j * n + k];
        }
      }
    }
    return root;
  }

  /** ‖X·H^½‖² for X: M×n, column after column. */
  private static double energy(double[] x, double[] root, int n) {
    double sum = 0;
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < n; j++) {
        double entry = 0;
        for (int k = 0; k < n; k++) {
          entry += x[i + k * M] * root[k * n + j];
        }
        sum += entry * entry;
      }
    }
    return sum;
  }

  @Property(tries = 300)
  void nothingWrittenExceedsItsLimitByItsWeight(
      @ForAll("kinds") List<ClusterEncoderPropertyTest.Kind> kinds,
      @ForAll("weights") List<Weight> weights,
      @ForAll Format format,
      @ForAll Scope scope,
      @ForAll("limits") double limit,
      @ForAll("hints") OptionalInt hint,
      @ForAll long seed) {
    List<Block> blocks = ClusterEncoderPropertyTest.blocks(kinds, List.of(0), seed);
    Random random = new Random(seed);
    List<double[]> moments = new ArrayList<>();
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < blocks.size(); i++) {
      double[] values = blocks.get(i).values();
      int n = values.length / M;
      Weight kind = weights.get(i % weights.size());
      double[] h = moment(kind, n, random);
      moments.add(h);
      members.add(member(i, values, n, weight(kind, h, n), limit));
    }
    BlockLoader loader =
        new BlockLoader() {
          @Override
          public Matrix load(int position) {
            double[] values = blocks.get(position).values();
            return LA.fromColumns(values, M, values.length / M);
          }

          @Override
          public ColumnWeight weight(int position) {
            int n = blocks.get(position).values().length / M;
            return WeightedEncoderPropertyTest.weight(
                    weights.get(position % weights.size()), moments.get(position), n)
                .orElseThrow()
                .withExponent(members.get(position).weightExponent().orElseThrow());
          }
        };
    EncoderSettings settings = new EncoderSettings(new ErrorLimit(limit, scope), M, format);
    List<Integer> seen = new ArrayList<>();
    for (Encoding encoding : new ClusterEncoder(LA, settings).encode(M, members, hint, loader)) {
      if (encoding instanceof Encoding.Raw raw) {
        seen.add(raw.position());
        continue;
      }
      Encoding.LowRank cluster = (Encoding.LowRank) encoding;
      double[] plainSums = new double[2];
      double[] sums = new double[2];
      double doubts = 0;
      boolean weighted = false;
      List<int[]> kept = ClusterEncoderPropertyTest.keptRows(cluster);
      for (int b = 0; b < cluster.blocks().size(); b++) {
        EncodedBlock each = cluster.blocks().get(b);
        int position = each.position();
        seen.add(position);
        double[] a = blocks.get(position).values();
        int n = a.length / M;
        double[] residual = residual(a, each, kept.get(b), cluster, format);
        double[] identity = new double[n * n];
        for (int j = 0; j < n; j++) {
          identity[j * n + j] = 1;
        }
        double plain = add(plainSums, energy(residual, identity, n), energy(a, identity, n));
        assertEquals(plain, each.error(), 1e-12, "plain certificate of " + position);
        boolean useful = members.get(position).weightExponent().isPresent();
        weighted |= useful;
        assertEquals(useful, each.weightedError().isPresent());
        double[] root = useful ? symmetricRoot(moments.get(position), n) : identity;
        double stated = each.weightedError().orElse(each.error());
        double lost = energy(residual, root, n);
        double whole = energy(a, root, n);
        double deciding = add(sums, lost, whole);
        double doubt =
            whole == 0 ? 0 : doubt(moments.get(position), energy(residual, identity, n), n) / whole;
        doubts = Math.max(doubts, doubt);
        assertTrue(agree(deciding, stated, doubt), stated + " is stated, and is " + deciding);
        if (scope == Scope.BLOCK || cluster.blocks().size() == 1) {
          assertTrue(stated <= limit, stated + " > " + limit);
        }
      }
      double plain = plainSums[1] == 0 ? 0 : Math.sqrt(plainSums[0] / plainSums[1]);
      assertEquals(plain, cluster.error(), 1e-12);
      assertEquals(weighted, cluster.weightedError().isPresent());
      double joint = sums[1] == 0 ? 0 : Math.sqrt(sums[0] / sums[1]);
      double stated = cluster.weightedError().orElse(cluster.error());
      assertTrue(agree(joint, stated, doubts), stated + " is stated, and is " + joint);
      assertTrue(stated <= limit, "cluster " + stated + " > " + limit);
    }
    seen.sort(null);
    assertEquals(members.stream().map(Member::position).toList(), seen, "each block once");
  }

  /** Rounding of H moves an energy by at most this; a diagonal H is exact. */
  private static double doubt(double[] h, double plain, int n) {
    double trace = 0;
    boolean diagonal = true;
    for (int i = 0; i < n * n; i++) {
      trace += i % (n + 1) == 0 ? h[i] : 0;
      diagonal &= i % (n + 1) == 0 || h[i] == 0;
    }
    return diagonal ? 0 : 1e-14 * trace * plain;
  }

  private static boolean agree(double error, double stated, double doubt) {
    return Math.abs(error - stated) <= 1e-11 + 1e-11 * error
        || Math.abs(error * error - stated * stated) <= doubt;
  }

  /**
   * A = x·1ᵀ + something small, and H takes what all columns have in common away: rounding to 16
   * bits is of the size of A, and hardly shows in its plain error.
   */
  @Example
  void roundingThatOnlyTheWeightShowsIsRepaired() {
    int n = 30;
    Random random = new Random(3);
    double[] x = random.doubles(M, -1, 1).toArray();
    double[] u = random.doubles(M, -1, 1).toArray();
    double[] v = random.doubles(n, -1, 1).toArray();
    double[] values = new double[M * n];
    double[] h = new double[n * n];
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < M; i++) {
        values[i + j * M] = x[i] / 2 + 1e-3 * u[i] * v[j];
      }
      for (int k = 0; k < n; k++) {
        h[j * n + k] = (j == k ? 1 : 0) - 1.0 / n;
      }
    }
    Member member = member(0, values, n, weight(Weight.FULL, h, n), 0.05);
    BlockLoader loader =
        new BlockLoader() {
          @Override
          public Matrix load(int position) {
            return LA.fromColumns(values, M, n);
          }

          @Override
          public ColumnWeight weight(int position) {
            return SecondMoment.of(LA, h.clone(), n, 1e-4)
                .weight(LA)
                .withExponent(member.weightExponent().orElseThrow());
          }
        };
    for (Format format : List.of(Format.BF16, Format.F32)) {
      EncoderSettings settings = new EncoderSettings(new ErrorLimit(0.05, Scope.BLOCK), M, format);
      Encoding encoding =
          new ClusterEncoder(LA, settings)
              .encode(M, List.of(member), OptionalInt.empty(), loader)
              .get(0);
      if (encoding instanceof Encoding.LowRank cluster) {
        double error = cluster.blocks().get(0).weightedError().orElseThrow();
        assertTrue(error <= 0.05, format + ": " + error);
      }
      assertEquals(format == Format.F32, encoding instanceof Encoding.LowRank, format.toString());
    }
  }

  private static double add(double[] sums, double lost, double energy) {
    sums[0] += lost;
    sums[1] += energy;
    return energy == 0 ? 0 : Math.sqrt(lost / energy);
  }

  private static Member member(
      int position, double[] values, int n, Optional<ColumnWeight> weight, double limit) {
    try (Matrix a = LA.fromColumns(values, M, n)) {
      Optional<ColumnWeight.Fit> fit = weight.flatMap(each -> each.fit(LA, a));
      LinearAlgebra.LeftSvd svd = LA.leftSvd(fit.map(each -> each.product().matrix()).orElse(a));
      double[] squares = Arrays.stream(svd.values()).map(x -> x * x).toArray();
      int rank = Rank.smallestFor(Spectrum.ofKept(squares, 0), limit).orElseThrow();
      svd.vectors().close();
      fit.ifPresent(each -> each.product().matrix().close());
      weight.ifPresent(ColumnWeight::close);
      return new Member(
          position,
          n,
          0,
          StorageCost.best(rank, M, n),
          fit.map(each -> OptionalInt.of(each.weight().exponent())).orElse(OptionalInt.empty()));
    }
  }

  /** A − scale·U·C by plain sums. */
  private static double[] residual(
      double[] a, EncodedBlock encoded, int[] rows, Encoding.LowRank cluster, Format format) {
    double[] u = format.decode(cluster.basis());
    int r = cluster.rank();
    int n = a.length / M;
    double[] c = encoded.values(format, n);
    int[] columns = ClusterEncoderPropertyTest.columns(encoded, n);
    int others = n - encoded.channels().length;
    double[] residual = a.clone();
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < n; j++) {
        double approximation = 0;
        for (int l = 0; l < rows.length; l++) {
          approximation += columns[j] < 0 ? 0 : u[i * r + rows[l]] * c[l * others + columns[j]];
        }
        residual[i + j * M] -= columns[j] < 0 ? a[i + j * M] : encoded.scale() * approximation;
      }
    }
    return residual;
  }

  @Provide
  Arbitrary<List<ClusterEncoderPropertyTest.Kind>> kinds() {
    return Arbitraries.of(ClusterEncoderPropertyTest.Kind.values())
        .list()
        .ofMinSize(1)
        .ofMaxSize(6);
  }

  @Provide
  Arbitrary<List<Weight>> weights() {
    return Arbitraries.of(Weight.values()).list().ofMinSize(1).ofMaxSize(6);
  }

  @Provide
  Arbitrary<OptionalInt> hints() {
    return Arbitraries.of(
        OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(1), OptionalInt.of(2));
  }

  @Provide
  Arbitrary<Double> limits() {
    return Arbitraries.of(0.0, 1e-7, 1e-4, 0.01, 0.05, 0.1, 0.3, 0.7, 1.0);
  }
}
