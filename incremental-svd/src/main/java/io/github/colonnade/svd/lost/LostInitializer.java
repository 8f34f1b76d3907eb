package io.github.colonnade.svd.lost;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Arrays;
import java.util.Random;
import org.roaringbitmap.RoaringBitmap;

/**
 * The factors that a layer is trained from: with W = U·diag(σ)·Vᵀ, B = U_r·diag(σ_r)^½, A =
 * diag(σ_r)^½·V_rᵀ, and S = W[:, I] the columns that a {@link ChannelRule} chooses.
 *
 * <p>Of each pair of singular vectors, the left one has its number of largest magnitude positive,
 * so that the factors do not depend on the sign that a decomposition happens to give. Singular
 * values below max(out, in)·2⁻⁵²·σ₁ count as 0.
 */
public final class LostInitializer {

  private static final double ROUNDING = 0x1p-52;

  private final LinearAlgebra la;

  public LostInitializer(LinearAlgebra la) {
    this.la = la;
  }

  /**
   * The factors of W.
   *
   * @param w W: out×in FLOAT64 of finite numbers, not modified
   * @return FLOAT64, closed by the caller
   * @throws IllegalArgumentException if W has other numbers, or the rank is larger than its sides
   */
  public LostFactors initialize(Matrix w, LostSettings settings) {
    int out = w.rows();
    int in = w.columns();
    int rank = settings.rank();
    if (rank > Math.min(out, in)) {
      throw new IllegalArgumentException("rank " + rank + " > min(out, in) = " + Math.min(out, in));
    }
    double[] values = w.toDoubles();
    double largest = 0;
    for (double each : values) {
      if (!Double.isFinite(each)) {
        throw new IllegalArgumentException("the matrix has NaN or infinity");
      }
      largest = Math.max(largest, Math.abs(each));
    }
    // An even power of two, so that its root is one too; squares neither overflow nor vanish.
    int half = largest == 0 ? 0 : Math.getExponent(largest) / 2;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(la.fromColumns(scaled(values, -2 * half), out, in));
      Triples triples = triples(a, scope);
      int[] channels = channels(a, triples, settings);
      double[] roots = new double[rank];
      double[] inverse = new double[rank];
      for (int i = 0; i < rank; i++) {
        roots[i] = Math.sqrt(triples.values[i]);
        inverse[i] = roots[i] == 0 ? 0 : 1 / roots[i];
      }
      Matrix u = scope.own(la.columns(triples.left, 0, rank));
      double[] b = scope.own(la.scaleColumns(u, roots)).toDoubles();
      // diag(σ)^-½·Uᵀ·W
      Matrix scaledLeft = scope.own(la.scaleColumns(u, inverse));
      double[] factor = scope.own(la.transposedProduct(scaledLeft, a)).toDoubles();
      return new LostFactors(
          la.fromColumns(scaled(b, half), out, rank),
          la.fromColumns(scaled(factor, half), rank, in),
          la.selectColumns(w, channels),
          RoaringBitmap.bitmapOf(channels));
    }
  }

  /**
   * @param left U: out×p, p = min(out, in)
   * @param values σ, largest first, 0 where they are only rounding
   * @param coefficients Uᵀ·W, column after column; 0 where σ is
   */
  private record Triples(Matrix left, double[] values, double[] coefficients) {}

  private Triples triples(Matrix w, MatrixScope scope) {
    LeftSvd svd = scope.own(la.leftSvd(w));
    double[] values = svd.values().clone();
    int p = values.length;
    double smallest = p == 0 ? 0 : Math.max(w.rows(), w.columns()) * ROUNDING * values[0];
    double[] vectors = svd.vectors().toDoubles();
    double[] signs = new double[p];
    for (int i = 0; i < p; i++) {
      if (values[i] <= smallest) {
        values[i] = 0;
      }
      signs[i] = sign(vectors, i * w.rows(), w.rows());
    }
    Matrix left = scope.own(la.scaleColumns(svd.vectors(), signs));
    double[] coefficients = scope.own(la.transposedProduct(left, w)).toDoubles();
    for (int at = 0; at < coefficients.length; at++) {
      if (values[at % p] == 0) {
        coefficients[at] = 0;
      }
    }
    return new Triples(left, values, coefficients);
  }

  private static double sign(double[] vectors, int from, int count) {
    double largest = 0;
    for (int i = from; i < from + count; i++) {
      if (Math.abs(vectors[i]) > Math.abs(largest)) {
        largest = vectors[i];
      }
    }
    return largest < 0 ? -1 : 1;
  }

  private int[] channels(Matrix w, Triples triples, LostSettings settings) {
    int in = w.columns();
    int count = settings.channels(in);
    int p = triples.values.length;
    int rank = settings.rank();
    int to = (int) Math.min(p, (long) rank + settings.complementRank().orElse(p));
    return switch (settings.rule()) {
      case COMPLEMENT_L2 -> LostPlan.largest(energies(triples, rank, to), count);
      case COMPLEMENT_L1 -> LostPlan.largest(magnitudes(triples, rank, to), count);
      case SMALLEST -> {
        int from = Math.max(0, p - settings.complementRank().orElse(rank));
        yield LostPlan.largest(energies(triples, from, p), count);
      }
      case WEIGHT_L2 -> LostPlan.largest(la.columnEnergies(w), count);
      case RANDOM -> random(in, count, settings.seed());
    };
  }

  /** The squared norms of the columns of Σ u_l·(u_lᵀW) over triples from ≤ l &lt; to. */
  private static double[] energies(Triples triples, int from, int to) {
    int p = triples.values.length;
    double[] energies = new double[triples.coefficients.length / p];
    for (int i = 0; i < energies.length; i++) {
      // The smallest first, so that they do not vanish beside the others.
      for (int l = to - 1; l >= from; l--) {
        double each = triples.coefficients[i * p + l];
        energies[i] += each * each;
      }
    }
    return energies;
  }

  /** The sums of magnitudes of the columns of that sum. */
  private double[] magnitudes(Triples triples, int from, int to) {
    int p = triples.values.length;
    int in = triples.coefficients.length / p;
    double[] sums = new double[in];
    if (from == to) {
      return sums;
    }
    try (MatrixScope scope = new MatrixScope()) {
      double[] rows = new double[(to - from) * in];
      for (int i = 0; i < in; i++) {
        System.arraycopy(triples.coefficients, i * p + from, rows, i * (to - from), to - from);
      }
      Matrix left = scope.own(la.columns(triples.left, from, to));
      Matrix right = scope.own(la.fromColumns(rows, to - from, in));
      double[] complement = scope.own(la.product(left, right)).toDoubles();
      int out = left.rows();
      for (int i = 0; i < in; i++) {
        for (int at = i * out; at < (i + 1) * out; at++) {
          sums[i] += Math.abs(complement[at]);
        }
      }
      return sums;
    }
  }

  /** The first steps of a Fisher–Yates shuffle, with a generator whose numbers Java specifies. */
  private static int[] random(int in, int count, long seed) {
    int[] numbers = new int[in];
    Arrays.setAll(numbers, i -> i);
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      int other = i + random.nextInt(in - i);
      int swapped = numbers[i];
      numbers[i] = numbers[other];
      numbers[other] = swapped;
    }
    int[] chosen = Arrays.copyOf(numbers, count);
    Arrays.sort(chosen);
    return chosen;
  }

  private static double[] scaled(double[] values, int exponent) {
    double[] scaled = new double[values.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = Math.scalb(values[i], exponent);
    }
    return scaled;
  }
}
