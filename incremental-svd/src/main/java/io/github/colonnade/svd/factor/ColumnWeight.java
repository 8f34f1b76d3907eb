package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The weight of the columns of a block A: m×n. The error of Â is then ‖(A − Â)·F‖ / ‖A·F‖ with F·Fᵀ
 * = H, H: n×n positive semidefinite and perhaps singular.
 *
 * <p>F = D·Gᵀ, where D = diag(√h_jj) and GᵀG has the entries of H divided by √h_ii·√h_jj. So D, in
 * which the sizes differ most, is exact, and rounding in G is relative to each column by itself.
 * For a diagonal H, G is the identity and not kept.
 *
 * <p>Products are multiplied by 2⁻ᵉ, e the weight's exponent, so that nothing overflows or
 * vanishes.
 */
public final class ColumnWeight implements AutoCloseable {

  /**
   * A product whose energy is below this many times its {@link Product#doubt} is only rounding: the
   * weight leaves nothing of the block.
   */
  public static final double LEAST_DOUBTS = 64;

  private static final double UNIT_ROUNDOFF = 0x1p-53;

  private final double[] roots;
  private final @Nullable Matrix mixing;
  private final double norm;
  private final int exponent;

  private ColumnWeight(double[] roots, @Nullable Matrix mixing, double norm, int exponent) {
    this.roots = roots;
    this.mixing = mixing;
    this.norm = norm;
    this.exponent = exponent;
  }

  /**
   * H = diag(roots²), with exponent 0.
   *
   * @param roots not negative; copied
   */
  public static ColumnWeight diagonal(double[] roots) {
    return new ColumnWeight(roots.clone(), null, 1, 0);
  }

  /**
   * H = D·GᵀG·D with D = diag(roots), with exponent 0.
   *
   * @param roots not negative; copied
   * @param mixing G: n×n FLOAT64, closed with this weight
   * @param norm the largest eigenvalue of GᵀG, or of a matrix of which it is a principal submatrix
   */
  public static ColumnWeight full(double[] roots, Matrix mixing, double norm) {
    return new ColumnWeight(roots.clone(), mixing, norm, 0);
  }

  /** The same weight with another exponent; only one of the two is to be closed. */
  public ColumnWeight withExponent(int other) {
    return new ColumnWeight(roots, mixing, norm, other);
  }

  /** e: products are 2⁻ᵉ·A·F. */
  public int exponent() {
    return exponent;
  }

  /** √h_jj. */
  public double root(int column) {
    return roots[column];
  }

  /**
   * A weighted block.
   *
   * @param matrix 2⁻ᵉ·A·F: m×n FLOAT64, closed by the caller
   * @param doubt how much of ‖2⁻ᵉ·A·F‖² rounding may add or take, 0 for a diagonal weight: F is
   *     exact up to a relative n·u of each √h_ii·√h_jj, so it is n·u·‖GᵀG‖₂·‖2⁻ᵉ·A·D‖²
   */
  public record Product(Matrix matrix, double doubt) {}

  /**
   * 2⁻ᵉ·A·F.
   *
   * @param a A: m×n FLOAT64, not modified
   */
  public Product times(LinearAlgebra la, Matrix a) {
    Matrix scaled = la.scaleColumns(a, columnFactors());
    if (mixing == null) {
      return new Product(scaled, 0);
    }
    try (scaled) {
      return mix(la, scaled);
    }
  }

  /** The diagonal of 2⁻ᵉ·D. A factor too large for a double meets a column that is zero. */
  double[] columnFactors() {
    double[] factors = new double[roots.length];
    for (int j = 0; j < factors.length; j++) {
      factors[j] = Math.min(Math.scalb(roots[j], -exponent), Double.MAX_VALUE);
    }
    return factors;
  }

  /** λ₁ of GᵀG, or more: ‖X·F‖ ≤ √λ₁·‖X·D‖. */
  double norm() {
    return norm;
  }

  /** Whether G is not the identity. */
  boolean mixes() {
    return mixing != null;
  }

  /**
   * The second half of {@link #times}.
   *
   * @param scaled 2⁻ᵉ·A·D: m×n, not modified
   */
  Product mix(LinearAlgebra la, Matrix scaled) {
    if (mixing == null) {
      throw new IllegalStateException("a diagonal weight does not mix columns");
    }
    double doubt = roots.length * UNIT_ROUNDOFF * norm * la.energy(scaled);
    return new Product(la.productTransposed(scaled, mixing), doubt);
  }

  /**
   * A weight whose exponent fits a block, and their product; the caller closes the product, and one
   * of the weight and that which it was made from.
   */
  public record Fit(ColumnWeight weight, Product product) {}

  /**
   * This weight with the exponent that brings the largest number of 2⁻ᵉ·A·D to about 1. Nothing if
   * the weight leaves nothing of the block but rounding, as where H is zero, or zero in all
   * directions that A has.
   *
   * @param a A: m×n FLOAT64, not modified
   */
  public Optional<Fit> fit(LinearAlgebra la, Matrix a) {
    double[] values = a.toDoubles();
    int m = a.rows();
    int largest = Integer.MIN_VALUE;
    for (int j = 0; j < roots.length; j++) {
      double max = 0;
      for (int i = j * m; i < (j + 1) * m; i++) {
        max = Math.max(max, Math.abs(values[i]));
      }
      if (max > 0 && roots[j] > 0) {
        largest = Math.max(largest, Math.getExponent(max) + Math.getExponent(roots[j]) + 2);
      }
    }
    if (largest == Integer.MIN_VALUE) {
      return Optional.empty();
    }
    ColumnWeight fitting = withExponent(largest);
    try (MatrixScope scope = new MatrixScope()) {
      Product product = fitting.times(la, a);
      scope.own(product.matrix());
      if (product.doubt() > 0 && la.energy(product.matrix()) <= LEAST_DOUBTS * product.doubt()) {
        return Optional.empty();
      }
      scope.release(product.matrix());
      return Optional.of(new Fit(fitting, product));
    }
  }

  @Override
  public void close() {
    if (mixing != null) {
      mixing.close();
    }
  }
}
