package io.github.colonnade.svd.sketch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class SketchPropertyTest {

  private static final LinearAlgebra REFERENCE = new ReferenceLinearAlgebra();
  private static final LinearAlgebra ND4J = new Nd4jLinearAlgebra();

  /** The kinds of blocks that break careless sketches. */
  enum Kind {
    RANDOM,
    LOW_RANK,
    DUPLICATE,
    REPEATED_COLUMNS,
    ZERO,
    SINGLE_COLUMN,
    WIDE,
    TINY,
    HUGE
  }

  /** Blocks of m rows; every second one shares a subspace with the first. */
  static List<double[]> blocks(int m, List<Kind> kinds, long seed) {
    Random random = new Random(seed);
    List<double[]> blocks = new ArrayList<>();
    double[] shared = gaussian(random, m * 2);
    for (Kind kind : kinds) {
      int n =
          switch (kind) {
            case SINGLE_COLUMN -> 1;
            case WIDE -> 2 * m + 3;
            default -> 1 + random.nextInt(m);
          };
      double[] block = gaussian(random, m * n);
      switch (kind) {
        case LOW_RANK -> block = product(shared, m, 2, gaussian(random, 2 * n), n);
        case DUPLICATE -> block = blocks.isEmpty() ? block : blocks.get(blocks.size() - 1).clone();
        case REPEATED_COLUMNS -> {
          for (int j = 1; j < Math.min(n, 3); j++) {
            System.arraycopy(block, 0, block, j * m, m);
          }
        }
        case ZERO -> block = new double[m * n];
        case TINY -> scale(block, 1e-12);
        case HUGE -> scale(block, 1e12);
        default -> {}
      }
      blocks.add(block);
    }
    return blocks;
  }

  private static double[] gaussian(Random random, int length) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static void scale(double[] values, double factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }

  private static double[] product(double[] a, int m, int k, double[] b, int n) {
    double[] c = new double[m * n];
    for (int j = 0; j < n; j++) {
      for (int l = 0; l < k; l++) {
        for (int i = 0; i < m; i++) {
          c[i + j * m] += a[i + l * m] * b[l + j * k];
        }
      }
    }
    return c;
  }

  private static Matrix matrix(LinearAlgebra la, double[] block, int m, Precision precision) {
    try (Matrix d = la.fromColumns(block, m, block.length / m)) {
      return la.cast(d, precision);
    }
  }

  private static Matrix concatenation(LinearAlgebra la, List<double[]> blocks, int m) {
    List<Matrix> matrices = new ArrayList<>();
    for (double[] block : blocks) {
      matrices.add(la.fromColumns(block, m, block.length / m));
    }
    return la.concatenate(matrices);
  }

  /**
   * Checks the invariants of {@link Sketch} and the interval at every rank against an exact SVD.
   */
  static void assertInvariants(Sketch sketch, List<double[]> blocks, int m, Precision precision) {
    double tolerance = precision == Precision.FLOAT32 ? 1e-5 : 1e-11;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix exact = scope.own(concatenation(REFERENCE, blocks, m));
      assertEquals(exact.columns(), sketch.columns());
      double energy = REFERENCE.energy(exact);
      assertEquals(energy, sketch.spectrum().energy(), tolerance * energy, "energy");
      double[] squares = scope.own(REFERENCE.leftSvd(exact)).values();
      for (int i = 0; i < squares.length; i++) {
        squares[i] *= squares[i];
      }
      Matrix q = scope.own(REFERENCE.fromColumns(sketch.basis().toDoubles(), m, sketch.rank()));
      double[] gram = scope.own(REFERENCE.gram(q)).toDoubles();
      for (int i = 0; i < gram.length; i++) {
        double expected = i % (sketch.rank() + 1) == 0 ? 1 : 0;
        assertEquals(expected, gram[i], tolerance, "orthonormal");
      }
      for (int r = 0; r <= m; r++) {
        double tail = 0;
        for (int i = squares.length - 1; i >= r; i--) {
          tail += squares[i];
        }
        double error = energy == 0 ? 0 : Math.sqrt(tail / energy);
        ErrorInterval interval = ErrorBounds.incremental(sketch.spectrum(), r);
        double slack = Math.sqrt(tolerance) * 1e-2;
        assertTrue(interval.upper() >= error - slack, interval + " at " + r + ", exact " + error);
        assertTrue(interval.lower() <= error + slack, interval + " at " + r + ", exact " + error);
      }
      // Q·diag(σ²)·Qᵀ ⪯ M·Mᵀ: no direction of the sketch has more energy than M has there.
      double[] inM = REFERENCE.rowEnergies(scope.own(REFERENCE.transposedProduct(q, exact)));
      for (int i = 0; i < sketch.rank(); i++) {
        assertTrue(
            sketch.spectrum().squaredSingularValue(i) <= inM[i] + tolerance * energy,
            "captured energy of direction " + i);
      }
    }
  }

  @Property(tries = 120)
  void appendingKeepsTheInvariants(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll @IntRange(min = 1, max = 12) int rank,
      @ForAll Precision precision,
      @ForAll boolean reference,
      @ForAll long seed) {
    int m = 9;
    LinearAlgebra la = reference ? REFERENCE : ND4J;
    List<double[]> blocks = blocks(m, kinds, seed);
    Sketcher sketcher = new Sketcher(la, precision, rank);
    Sketch sketch = sketcher.empty(m);
    for (double[] block : blocks) {
      try (Matrix a = matrix(la, block, m, precision)) {
        Sketch longer = sketcher.append(sketch, a);
        sketch.close();
        sketch = longer;
      }
    }
    assertInvariants(sketch, blocks, m, precision);
    try (Sketch truncated = sketcher.truncate(sketch, 2)) {
      assertTrue(truncated.rank() <= 2);
      assertInvariants(truncated, blocks, m, precision);
    }
    sketch.close();
  }

  @Property(tries = 60)
  void mergingATreeKeepsTheInvariants(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll @IntRange(min = 1, max = 12) int rank,
      @ForAll Precision precision,
      @ForAll long seed) {
    int m = 9;
    List<double[]> blocks = blocks(m, kinds, seed);
    Sketcher sketcher = new Sketcher(ND4J, precision, rank);
    List<Sketch> level = new ArrayList<>();
    for (double[] block : blocks) {
      try (Matrix a = matrix(ND4J, block, m, precision)) {
        level.add(sketcher.sketch(a));
      }
    }
    while (level.size() > 1) {
      List<Sketch> next = new ArrayList<>();
      for (int i = 0; i + 1 < level.size(); i += 2) {
        next.add(sketcher.merge(level.get(i), level.get(i + 1)));
      }
      if (level.size() % 2 == 1) {
        next.add(level.get(level.size() - 1));
      }
      level = next;
    }
    assertInvariants(level.get(0), blocks, m, precision);
  }

  @Provide
  Arbitrary<List<Kind>> kinds() {
    return Arbitraries.of(Kind.values()).list().ofMinSize(1).ofMaxSize(6);
  }
}
