package io.github.colonnade.bounds;

import java.util.Arrays;

/**
 * Bounds on the error of the best rank-r approximation of M = [A<sub>1</sub> … A<sub>K</sub>],
 * without forming M.
 *
 * <p>By Eckart and Young (Psychometrika 1, 1936) and Mirsky (Q. J. Math. 11, 1960) the least error
 * of rank r, relative and in the Frobenius norm, is
 *
 * <pre>  e_r(M)² = tail_r(M) / ‖M‖²,   tail_r(M) = Σ_{i&gt;r} σ_i(M)² = ‖M‖² − Σ_{i≤r} σ_i(M)².
 * </pre>
 *
 * So less captured energy than there is gives an upper bound on the error, and more a lower bound.
 * Everything follows from M Mᵀ = Σ<sub>j</sub> A<sub>j</sub>A<sub>j</sub>ᵀ and ‖M‖² = Σ<sub>j</sub>
 * ‖A<sub>j</sub>‖². The estimators {@link #weyl}, {@link #residual} and {@link #incremental} were
 * put together for clustering matrices in arXiv:2601.11626, under the names max-norm, residual and
 * incremental; the lower bounds were not part of it.
 *
 * <p><b>Assumptions.</b> Each method lists its own. All energies passed to one call are of the same
 * blocks on the same scale. Without energy every error is 0.
 *
 * <p><b>Rounding allowance.</b> The sides are computed in double and not widened. {@link #weyl},
 * {@link #projection} and {@link #residual} subtract energies: if these have a relative error of at
 * most δ, the square of the upper side has an absolute error of at most 2δ. They cannot tell an
 * error below √(2δ) from 0, which is about 1e-7 for energies summed in double and 1e-3 for products
 * in float32. {@link #incremental}, {@link #exact} and {@link #subadditive} only add positive
 * terms: a relative error δ of the terms is one of about δ in the result. (A dropped energy that
 * {@link Spectrum#of} found by subtraction is such a difference again, and 0 there means 0 up to
 * rounding.)
 *
 * <p>A captured energy that exceeds the total by at most 1e-4 of it counts as the total, an energy
 * below 0 by at most as much counts as 0; more is refused, since no rounding explains it.
 */
public final class ErrorBounds {

  private ErrorBounds() {}

  /**
   * Upper bound from the spectrum of some of the blocks (the published <em>max-norm</em> estimate).
   *
   * <p>Let A<sub>S</sub> hold any of the blocks, side by side. Then M Mᵀ −
   * A<sub>S</sub>A<sub>S</sub>ᵀ is positive semidefinite, so λ<sub>i</sub>(M Mᵀ) ≥
   * λ<sub>i</sub>(A<sub>S</sub>A<sub>S</sub>ᵀ) for every i (Weyl 1912; Horn &amp; Johnson, Matrix
   * Analysis, Theorem 4.3.1; equally the interlacing of singular values when columns are deleted)
   * and
   *
   * <pre>  e_r(M)² ≤ (‖M‖² − Σ_{i≤r} σ_i(A_S)²) / ‖M‖².</pre>
   *
   * <p>If A<sub>S</sub> has at most r columns, or rank at most r, the sum is its energy
   * ‖A<sub>S</sub>‖². For a wider A<sub>S</sub> the energy is wrong: it counts directions past the
   * r-th, which a rank-r basis cannot hold, and the result may lie below the error. With
   * A<sub>S</sub> = M = I (2×2) and r = 1, the energy 2 would give 0, where the error is √½.
   *
   * @param energy ‖M‖²
   * @param seedLeadingEnergy Σ<sub>i≤r</sub> σ<sub>i</sub>(A<sub>S</sub>)², the first r terms only
   * @return [0, upper]
   */
  public static ErrorInterval weyl(double energy, double seedLeadingEnergy) {
    return fromCaptured("leading energy of the seed", seedLeadingEnergy, energy, Proof.WEYL);
  }

  /**
   * Upper bound from one basis.
   *
   * <p>For any Q with r orthonormal columns (Fan, Proc. Natl. Acad. Sci. 35, 1949: the maximum
   * principle) Σ<sub>i≤r</sub> λ<sub>i</sub>(M Mᵀ) ≥ tr(Qᵀ M Mᵀ Q) = Σ<sub>j</sub>
   * ‖QᵀA<sub>j</sub>‖², hence
   *
   * <pre>  e_r(M)² ≤ (‖M‖² − Σ_j ‖QᵀA_j‖²) / ‖M‖²,</pre>
   *
   * with equality when Q spans the r leading left singular vectors. The right side is the squared
   * error of this very basis, so it is reached, not only possible.
   *
   * <p>Where Q is orthonormal up to ‖QᵀQ − I‖<sub>2</sub> ≤ η, the projected energy may be too
   * large by a factor of 1 + η.
   *
   * @param energy ‖M‖²
   * @param projectedEnergy Σ<sub>j</sub> ‖QᵀA<sub>j</sub>‖²
   * @return [0, upper]
   */
  public static ErrorInterval projection(double energy, double projectedEnergy) {
    return fromCaptured("projected energy", projectedEnergy, energy, Proof.PROJECTION);
  }

  /**
   * Upper bound from pooled residual spectra (the published <em>residual</em> estimate).
   *
   * <p>Let Q<sub>k−1</sub> be an orthonormal basis that spans all columns of A<sub>1</sub> …
   * A<sub>k−1</sub>, and R<sub>k</sub> = (I − Q<sub>k−1</sub>Q<sub>k−1</sub>ᵀ)A<sub>k</sub>. The
   * left singular vectors of R<sub>1</sub> … R<sub>K</sub> with nonzero singular values are
   * orthonormal across all k, and each such u, of singular value s, has ‖uᵀM‖² ≥ ‖uᵀA<sub>k</sub>‖²
   * = s². For the r largest s of the pool, Fan's maximum principle (see {@link #projection}) gives
   *
   * <pre>  e_r(M)² ≤ (‖M‖² − Σ_{i≤r} s_i²) / ‖M‖².</pre>
   *
   * <p>A direction that is zero up to rounding must be left out of the pool: its vector is noise,
   * not orthogonal to the others, and its energy would be counted twice.
   *
   * @param energy ‖M‖²
   * @param pooledSquaredSingularValues s² of every step, in any order; not modified
   * @param r the rank
   * @return [0, upper]
   */
  public static ErrorInterval residual(double energy, double[] pooledSquaredSingularValues, int r) {
    Energies.requireRank(r);
    Energies.require("energy", energy);
    int size = pooledSquaredSingularValues.length;
    double[] pool = new double[size];
    for (int i = 0; i < size; i++) {
      pool[i] =
          Energies.requireNonNegative(
              "squared singular value", pooledSquaredSingularValues[i], energy);
    }
    Arrays.sort(pool);
    double captured = 0;
    for (int i = size - 1; i >= Math.max(0, size - r); i--) {
      captured += pool[i];
    }
    return fromCaptured("pooled energy", captured, energy, Proof.RESIDUAL);
  }

  /**
   * Bounds on both sides from a truncated sketch (the upper side is the published
   * <em>incremental</em> estimate).
   *
   * <p>Let S = Q diag(σ<sub>1</sub>², …, σ<sub>k</sub>²) Qᵀ with M Mᵀ − S = D positive
   * semidefinite, and let d = tr D be the dropped energy, so that ‖M‖² = Σσ<sub>i</sub>² + d.
   * Appending blocks by truncated SVD, and merging such sketches, keeps this true: a truncation
   * only moves a positive semidefinite term from S to D. By Weyl (Horn &amp; Johnson, Theorem
   * 4.3.1) λ<sub>i</sub>(M Mᵀ) ≥ λ<sub>i</sub>(S), and by Fan's sub-additivity Σ<sub>i≤r</sub>
   * λ<sub>i</sub>(S + D) ≤ Σ<sub>i≤r</sub> λ<sub>i</sub>(S) + tr D, hence
   *
   * <pre>  Σ_{r&lt;i≤k} σ_i² / ‖M‖²  ≤  e_r(M)²  ≤  (d + Σ_{r&lt;i≤k} σ_i²) / ‖M‖².</pre>
   *
   * With d = 0 the sides are equal and the proof is {@link Proof#EXACT}.
   *
   * @param sketch the values σ<sub>i</sub>² kept, and d
   * @param r the rank
   */
  public static ErrorInterval incremental(Spectrum sketch, int r) {
    double upper = sketch.error(r);
    if (sketch.droppedEnergy() == 0) {
      return ErrorInterval.exact(upper);
    }
    double keptTail = 0;
    for (int i = sketch.size() - 1; i >= r; i--) {
      keptTail += sketch.squaredSingularValue(i);
    }
    double lower = Energies.error(keptTail, sketch.energy());
    return new ErrorInterval(lower, upper, Proof.INCREMENTAL, Proof.INCREMENTAL);
  }

  /**
   * The error itself, from the singular values of M (Eckart and Young; Mirsky):
   *
   * <pre>  e_r(M)² = (d + Σ_{r&lt;i≤k} σ_i²) / ‖M‖²   for r ≤ k.</pre>
   *
   * <p>The k values must be the leading singular values of M, and the dropped energy d the sum of
   * the squares of all others. For r &gt; k with d &gt; 0, ranks about which the spectrum says
   * nothing, the result is [0, √(d / ‖M‖²)].
   *
   * @param s the spectrum of M
   * @param r the rank
   */
  public static ErrorInterval exact(Spectrum s, int r) {
    double error = s.error(r);
    if (r > s.size() && error > 0) {
      return new ErrorInterval(0, error, Proof.TRIVIAL, Proof.EXACT);
    }
    return ErrorInterval.exact(error);
  }

  /**
   * Lower bound from the blocks one by one: what no shared basis of rank r can undercut.
   *
   * <p>The sum of the r largest eigenvalues is sub-additive (Fan 1949), Σ<sub>i≤r</sub>
   * λ<sub>i</sub>(Σ<sub>j</sub> A<sub>j</sub>A<sub>j</sub>ᵀ) ≤ Σ<sub>j</sub> Σ<sub>i≤r</sub>
   * λ<sub>i</sub>(A<sub>j</sub>A<sub>j</sub>ᵀ). Subtracted from the energy on both sides,
   *
   * <pre>  e_r(M)² ≥ Σ_j tail_r(A_j) / ‖M‖².</pre>
   *
   * <p>A shared basis is never better for a block than the block's own. Any lower bounds on the
   * tails will do, in particular 0 for blocks of which nothing is known.
   *
   * @param blockTails tail<sub>r</sub>(A<sub>j</sub>) of every block, as energies and all for the
   *     same r; not modified
   * @param energy ‖M‖² = Σ<sub>j</sub> ‖A<sub>j</sub>‖²
   * @return [lower, 1]
   */
  public static ErrorInterval subadditive(double[] blockTails, double energy) {
    Energies.require("energy", energy);
    double sum = 0;
    for (double tail : blockTails) {
      sum += Energies.requireNonNegative("tail energy of a block", tail, energy);
    }
    double tail = Energies.requirePart("tail energy of the blocks", sum, energy);
    if (energy == 0) {
      return ErrorInterval.exact(0);
    }
    return new ErrorInterval(Energies.error(tail, energy), 1, Proof.SUBADDITIVE, Proof.TRIVIAL);
  }

  private static ErrorInterval fromCaptured(
      String name, double captured, double energy, Proof proof) {
    Energies.require("energy", energy);
    double part = Energies.requirePart(name, captured, energy);
    if (energy == 0) {
      return ErrorInterval.exact(0);
    }
    return new ErrorInterval(0, Energies.error(energy - part, energy), Proof.TRIVIAL, proof);
  }
}
