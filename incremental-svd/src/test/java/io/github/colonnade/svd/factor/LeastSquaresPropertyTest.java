package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Format;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Coefficients on rounded columns solve the normal equations, from whatever they are found. */
class LeastSquaresPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 40;

  /** U. */
  private static final int DIRECTIONS = 12;

  private static final int COLUMNS = 5;
  private static final int COUNT = 4;

  /** The norm of what lies outside of U, where that of the rest is about 1. */
  private static final double REST = 0.05;

  @Property(tries = 200)
  void theNormalEquationsHold(
      @ForAll Format format,
      @ForAll @IntRange(min = 1, max = DIRECTIONS) int rank,
      @ForAll("limits") double limit,
      @ForAll boolean weighted,
      @ForAll boolean keeps,
      @ForAll boolean all,
      @ForAll long seed) {
    Random random = new Random(seed);
    try (MatrixScope scope = new MatrixScope()) {
      LinearAlgebra.Qr qr = scope.own(LA.qr(scope.own(gaussian(random, M, M))));
      Matrix u = scope.own(LA.columns(qr.q(), 0, DIRECTIONS));
      List<double[]> blocks = blocks(random, scope, qr.q());
      double[][] weights = new double[weighted ? COUNT : 0][];
      Arrays.setAll(weights, j -> random.doubles(COLUMNS, 0.5, 2).toArray());
      Cluster cluster = cluster(blocks, weights);
      Matrix basis =
          scope.own(RoundedBasis.of(LA, format, scope.own(LA.columns(u, 0, rank))).matrix());
      int[][] rows = rows(random, rank, all);
      try (Projections projections =
              keeps
                  ? Projections.keeping(LA, cluster, u, limit)
                  : Projections.of(LA, cluster, u, limit);
          Dictionary dictionary = Dictionary.of(LA, basis, u, projections);
          Dictionary columns = Dictionary.of(LA, basis)) {
        boolean differences = limit >= BasisFinder.GRAM_ACCURACY;
        assertEquals(keeps && differences && !weighted, projections.keepCoefficients());
        assertEquals(differences, dictionary.inside().isPresent());
        assertTrue(columns.inside().isEmpty());
        // Not the neighbours, so that coefficients are gathered.
        Batch batch = cluster.batches(new int[] {0, 2, 3}).get(0);
        for (Dictionary each : List.of(dictionary, columns)) {
          check(cluster, batch, each, j -> rows[j], blocks, weights, tolerance(format, rank));
        }
      }
    }
  }

  @Provide
  Arbitrary<Double> limits() {
    return Arbitraries.of(0.1, 1e-8);
  }

  /** Of so many columns that they come onto the heap in parts. */
  @Example
  void theInverseOfALargeGramMatrix() {
    Random random = new Random(1);
    int r = 400;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix u = scope.own(LA.qr(scope.own(gaussian(random, r, r)))).q();
      Matrix basis = scope.own(RoundedBasis.of(LA, Format.BF16, u).matrix());
      Matrix gram = scope.own(LA.gram(basis));
      try (Dictionary.Inverse inverse = new Dictionary.Inverse(LA, gram)) {
        double[] product = scope.own(LA.product(inverse.get(), gram)).toDoubles();
        for (int i = 0; i < product.length; i++) {
          assertEquals(i % (r + 1) == 0 ? 1 : 0, product[i], 1e-9);
        }
        int[] used = IntStream.range(0, r).filter(k -> k % 7 != 3).toArray();
        Dictionary.Inside some =
            new Dictionary.Inside(gram, Optional.of(inverse), Optional.empty())
                .some(LA, used, scope);
        double[] all = gram.toDoubles();
        double[] taken = some.gram().toDoubles();
        assertEquals(used.length * used.length, taken.length);
        for (int i = 0; i < taken.length; i++) {
          assertEquals(all[used[i % used.length] + used[i / used.length] * r], taken[i]);
        }
      }
    }
  }

  /**
   * What rounding hides of the rest, the second order of one step of refinement, and the rounding
   * of double.
   */
  private static double tolerance(Format format, int rank) {
    double u = format.unitRoundoff();
    return 2 * u * Math.sqrt(rank) * REST + 8 * rank * u * u + 1e-14;
  }

  private static void check(
      Cluster cluster,
      Batch batch,
      Dictionary dictionary,
      IntFunction<int[]> rows,
      List<double[]> blocks,
      double[][] weights,
      double tolerance) {
    double[] basis = dictionary.basis().toDoubles();
    int r = dictionary.basis().columns();
    try (LeastSquares solved = LeastSquares.of(LA, batch, dictionary, rows)) {
      double[] outside = solved.outside(LA, cluster, batch);
      int used = solved.basis().columns();
      for (int i = 0; i < batch.size(); i++) {
        double[] a = blocks.get(batch.index(i));
        int[] own = rows.apply(batch.index(i));
        double[] c = new double[r * COLUMNS];
        for (int j = 0; j < COLUMNS; j++) {
          for (int k = 0; k < own.length; k++) {
            c[own[k] + j * r] = solved.c()[solved.rows()[i][k] + (i * COLUMNS + j) * used];
          }
        }
        double[] rest = rest(a, basis, c);
        for (int j = 0; j < COLUMNS; j++) {
          for (int k : own) {
            double product = 0;
            for (int l = 0; l < M; l++) {
              product += basis[l + k * M] * rest[l + j * M];
            }
            assertEquals(0, product, tolerance);
          }
        }
        double largest = 1;
        if (weights.length > 0) {
          for (int at = 0; at < rest.length; at++) {
            rest[at] *= weights[batch.index(i)][at / M];
          }
          largest = Arrays.stream(weights[batch.index(i)]).max().orElse(1);
        }
        assertEquals(
            energy(rest),
            outside[i],
            2 * largest * largest * tolerance * Math.sqrt((own.length + 1) * COLUMNS));
      }
      // In rows that a block does not use there is nothing.
      long notZero = Arrays.stream(solved.c()).filter(x -> x != 0).count();
      int most = Arrays.stream(solved.rows()).mapToInt(each -> each.length).sum();
      assertTrue(notZero <= (long) most * COLUMNS);
    }
  }

  private static double[] rest(double[] a, double[] basis, double[] c) {
    int r = basis.length / M;
    double[] rest = a.clone();
    for (int j = 0; j < COLUMNS; j++) {
      for (int k = 0; k < r; k++) {
        for (int i = 0; i < M; i++) {
          rest[i + j * M] -= basis[i + k * M] * c[k + j * r];
        }
      }
    }
    return rest;
  }

  private static double energy(double[] values) {
    return Arrays.stream(values).map(x -> x * x).sum();
  }

  /** Of norm about 1, nearly in the space of the first directions. */
  private static List<double[]> blocks(Random random, MatrixScope scope, Matrix q) {
    List<double[]> blocks = new ArrayList<>();
    for (int j = 0; j < COUNT; j++) {
      double[] c = scope.own(gaussian(random, M, COLUMNS)).toDoubles();
      for (int i = 0; i < c.length; i++) {
        c[i] *= i % M < DIRECTIONS ? Math.sqrt(1.0 / DIRECTIONS / COLUMNS) : REST / M;
      }
      Matrix coefficients = scope.own(LA.fromColumns(c, M, COLUMNS));
      blocks.add(scope.own(LA.product(q, coefficients)).toDoubles());
    }
    return blocks;
  }

  /**
   * @param weights √h_jj of each block's columns, if there are weights
   */
  private static Cluster cluster(List<double[]> blocks, double[][] weights) {
    OptionalInt exponent = weights.length == 0 ? OptionalInt.empty() : OptionalInt.of(0);
    List<Member> members =
        IntStream.range(0, COUNT)
            .mapToObj(j -> new Member(j, COLUMNS, 0, M * COLUMNS, exponent))
            .toList();
    BlockLoader loader =
        new BlockLoader() {
          @Override
          public Matrix load(int position) {
            return LA.fromColumns(blocks.get(position), M, COLUMNS);
          }

          @Override
          public ColumnWeight weight(int position) {
            return ColumnWeight.diagonal(weights[position]);
          }
        };
    return new Cluster(LA, M, members, loader, Scope.BLOCK);
  }

  private static int[][] rows(Random random, int rank, boolean all) {
    int[][] rows = new int[COUNT][];
    for (int j = 0; j < COUNT; j++) {
      rows[j] =
          all
              ? KeptRows.all(rank)
              : IntStream.range(0, rank).filter(k -> random.nextBoolean()).toArray();
    }
    return rows;
  }

  private static Matrix gaussian(Random random, int rows, int columns) {
    return LA.fromColumns(random.doubles((long) rows * columns, -1, 1).toArray(), rows, columns);
  }
}
