package io.github.colonnade.svd.factor;

import io.github.colonnade.svd.factor.Cluster.Batch;

/**
 * How far rounding may move the norm of a residual A − U·C that is formed in double.
 *
 * <p>Each entry is a sum of r products and one number. In whatever order it is added up, with fused
 * multiplications or without, it errs by at most γ_{r+1}·(|A| + |U|·|C|) in that entry, γ_k =
 * k·u/(1 − k·u), u = 2⁻⁵³ (N. Higham, Accuracy and Stability of Numerical Algorithms, 2002,
 * sections 3.1 and 3.5). With u_k the columns of U and c_k the rows of C, the norm of the residual
 * errs by at most
 *
 * <pre>γ_{r+1} · (‖A‖ + Σ_k ‖u_k‖·‖c_k‖)</pre>
 *
 * <p>and multiplied by a weight's F, by at most √λ₁ times the same of A·D and C·D ({@link
 * ColumnWeight}). What the sums of squares add to it is relative to the norm itself, and much less
 * than {@link StoredFactors#SAFETY}.
 */
final class RoundingAllowance {

  private static final double UNIT_ROUNDOFF = 0x1p-53;

  private RoundingAllowance() {}

  /**
   * The allowance for each block of a batch, in the units of the blocks as loaded.
   *
   * @param ofBasis the energies of the columns of U: m×r
   * @param c the coefficients of all of them, r numbers for each column
   */
  static double[] of(Cluster cluster, Batch batch, double[] ofBasis, double[] c) {
    int r = ofBasis.length;
    // One more than r + 1, for the rounding of the allowance itself.
    double k = (r + 2) * UNIT_ROUNDOFF;
    double gamma = k / (1 - k);
    double[] columnFactors = batch.columnFactors();
    double[] allowances = new double[batch.size()];
    int column = 0;
    for (int i = 0; i < allowances.length; i++) {
      double[] ofRows = new double[r];
      for (int end = column + batch.columns(i); column < end; column++) {
        for (int row = 0; row < r; row++) {
          double weighted = c[row + column * r] * columnFactors[column];
          ofRows[row] += weighted * weighted;
        }
      }
      double product = 0;
      for (int row = 0; row < r; row++) {
        product += Math.sqrt(ofBasis[row]) * Math.sqrt(ofRows[row]);
      }
      double reach = cluster.reach(batch.index(i)) + Math.sqrt(batch.norm(i)) * product;
      allowances[i] = gamma * reach;
    }
    return allowances;
  }
}
