package io.github.colonnade.jobs.verify;

/**
 * How far an error measured here may be from the one in the manifest.
 *
 * <p>Both are ‖A − U·C‖ / ‖A‖ of the same stored numbers in double (unit roundoff u ≈ 1.1e-16), but
 * perhaps by another BLAS, which adds in another order. Each entry of U·C, a sum of r products,
 * moves by at most r·u·(|U|·|C|), so with ‖U‖ = √r and ‖C‖ ≤ ‖A‖ the error moves by at most r·√r·u,
 * and by about √r·u in practice, as roundings point in all directions: 1e-14 for r = 4096. The two
 * sums of squares move it by at most (m + n)·u of itself, 1e-11 for a hundred thousand rows and
 * columns.
 *
 * <p>So 1e-9 of the error, and 1e-12 for errors below 1e-3, is a hundred times what rounding does,
 * and far below what most limits are about. The limit itself gets no tolerance: compress keeps a
 * distance to it of twice what rounding can do at all, once for itself and once for this.
 */
final class Tolerance {
  private static final double RELATIVE = 1e-9;
  private static final double SMALL_ERROR = 1e-3;

  private Tolerance() {}

  /** Whether the measured error is the stated one; never if it is not a number. */
  static boolean agree(double measured, double stated) {
    return Math.abs(measured - stated) <= allowance(stated);
  }

  /** Whether lower ≤ error, up to rounding of the error. */
  static boolean atMost(double lower, double error) {
    return lower <= error + allowance(error);
  }

  private static double allowance(double error) {
    return RELATIVE * Math.max(SMALL_ERROR, error);
  }
}
