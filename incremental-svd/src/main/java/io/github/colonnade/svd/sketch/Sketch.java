package io.github.colonnade.svd.sketch;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.Matrix;

/**
 * A low-rank summary (Q, σ², dropped energy, columns) of a matrix M that was seen piece by piece.
 *
 * <p>Invariants, in exact arithmetic:
 *
 * <ol>
 *   <li>Q: m×k has orthonormal columns;
 *   <li>M·Mᵀ = Q·diag(σ²)·Qᵀ + D with D positive semidefinite, so that Q·diag(σ²)·Qᵀ ⪯ M·Mᵀ;
 *   <li>trace(D) is the dropped energy, so that ‖M‖_F² = Σσ² + dropped energy.
 * </ol>
 *
 * <p>The dropped energy is added up where it is dropped instead of being taken as the difference
 * ‖M‖² − Σσ²: a difference of nearly equal numbers says nothing about errors below the square root
 * of the rounding unit.
 *
 * <p>Sketches form a commutative monoid up to truncation: see {@link Sketcher#merge}.
 */
public final class Sketch implements AutoCloseable {

  private final Matrix basis;
  private final Spectrum spectrum;
  private final long columns;
  private final int appends;

  Sketch(Matrix basis, Spectrum spectrum, long columns, int appends) {
    this.basis = basis;
    this.spectrum = spectrum;
    this.columns = columns;
    this.appends = appends;
  }

  /**
   * The sketch with these parts, as they were read from another one.
   *
   * @param basis Q: m×k, owned by the sketch from now on
   * @param spectrum k values and the dropped energy
   * @param columns how many columns M has
   */
  public static Sketch of(Matrix basis, Spectrum spectrum, long columns) {
    if (basis.columns() != spectrum.size()) {
      throw new IllegalArgumentException(
          basis.columns() + " directions for " + spectrum.size() + " singular values");
    }
    return new Sketch(basis, spectrum, columns, 0);
  }

  /** Q: m×k; it stays owned by this sketch. */
  public Matrix basis() {
    return basis;
  }

  /** σ² and the dropped energy. */
  public Spectrum spectrum() {
    return spectrum;
  }

  /** m. */
  public int rows() {
    return basis.rows();
  }

  /** k, the number of directions kept. */
  public int rank() {
    return basis.columns();
  }

  /** How many columns M has. */
  public long columns() {
    return columns;
  }

  /** How many updates the basis went through since it was last made orthonormal. */
  int appends() {
    return appends;
  }

  @Override
  public void close() {
    basis.close();
  }
}
