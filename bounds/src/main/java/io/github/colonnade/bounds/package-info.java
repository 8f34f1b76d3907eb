/**
 * What a shared low-rank basis can and cannot reach, told from spectra and energies alone.
 *
 * <p>Open {@link io.github.colonnade.bounds.ErrorBounds} first: it turns cheap numbers about some
 * blocks into an {@link io.github.colonnade.bounds.ErrorInterval} that holds the error of their
 * best rank-r approximation. {@link io.github.colonnade.bounds.Spectrum} is the input of the
 * tighter bounds, {@link io.github.colonnade.bounds.Rank} picks the least rank that meets a limit
 * and {@link io.github.colonnade.bounds.StorageCost} says whether that rank is worth storing.
 * {@link io.github.colonnade.bounds.Allocation} divides a joint error limit among the parts of a
 * collection.
 *
 * <p>Symbols used throughout: blocks A<sub>j</sub> with m rows each; M = [A<sub>1</sub> …
 * A<sub>K</sub>]; σ<sub>i</sub>(X), the singular values of X from the largest, zero past the last
 * one; λ<sub>i</sub>(G), the eigenvalues of a symmetric G from the largest; the <em>energy</em>
 * ‖X‖² = Σσ<sub>i</sub>(X)² (Frobenius norm); tail<sub>r</sub>(X) = Σ<sub>i&gt;r</sub>
 * σ<sub>i</sub>(X)²; the <em>error</em> e<sub>r</sub>(M) = √(tail<sub>r</sub>(M) / ‖M‖²), a
 * fraction from 0 to 1.
 *
 * <p>Nothing here sees a matrix, and nothing depends on another library.
 */
@NullMarked
package io.github.colonnade.bounds;

import org.jspecify.annotations.NullMarked;
