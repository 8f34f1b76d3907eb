package io.github.colonnade.svd.sketch;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.linalg.RankOneEigen;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Makes sketches: of whole matrices, by appending columns, by merging two, by truncating one.
 *
 * <p>Incremental truncated SVD after Brand (2006), in Gram form: with Y = QᵀA, R = A − QY and R =
 * Q₊B, the outer product of [Q·diag(σ), A] in the basis [Q, Q₊] is diag(σ²) ⊕ 0 + X·Xᵀ, X = [Y; B],
 * and its eigenvectors rotate the basis. Truncation drops positive semidefinite terms only, which
 * is what keeps the invariants of {@link Sketch}.
 *
 * <p>Rounding: products are in the sketcher's precision, Gram matrices and eigenproblems in double.
 * The residual is orthogonalised twice ("twice is enough", Kahan and Parlett), and so are its
 * leading singular vectors. A direction counts, and is kept, only where its energy is above 10⁻¹⁵
 * of the whole, the noise of a double Gram matrix, or above (64u)², the noise of the products:
 * 1.5·10⁻¹¹ in float32. What is smaller goes to the dropped energy. So a sketch resolves relative
 * errors down to about 3·10⁻⁸ in float64 and 4·10⁻⁶ in float32. Leaving directions of an appended
 * matrix out is a projection, not a truncation of the whole, so the captured energy may be
 * overstated by about as much.
 */
public final class Sketcher {

  /** Relative energy below which an eigenvalue of a double Gram matrix is rounding noise. */
  private static final double NOISE = 1e-15;

  /** A direction whose norm is below this many unit roundoffs of the whole is no new one. */
  private static final double NEW_DIRECTION = 64;

  /** Updates after which the basis is made orthonormal again. */
  private static final int REORTHONORMALIZE_AFTER = 32;

  /** The largest min(m, n) for which a float64 matrix gets a direct SVD instead of Gram form. */
  private static final int DIRECT_SVD_LIMIT = 512;

  private final LinearAlgebra la;
  private final Precision precision;
  private final int maxRank;

  /**
   * @param maxRank the most directions a sketch keeps, at least 1
   */
  public Sketcher(LinearAlgebra la, Precision precision, int maxRank) {
    if (maxRank < 1) {
      throw new IllegalArgumentException("a sketch of rank " + maxRank + " holds nothing");
    }
    this.la = la;
    this.precision = precision;
    this.maxRank = maxRank;
  }

  /** The sketch of no columns. */
  public Sketch empty(int rows) {
    return new Sketch(la.zeros(rows, 0, precision), Spectrum.ofKept(new double[0], 0), 0, 0);
  }

  /** The sketch of A: m×n, in this sketcher's precision, not modified. */
  public Sketch sketch(Matrix a) {
    return sketch(a, 0, a.columns());
  }

  /**
   * As {@link #sketch(Matrix)}, but it need not have all directions. Where few hold nearly all of
   * the energy that takes a fraction of the time.
   *
   * @param droppable the share of the energy that may be left out
   * @param least how many directions there are all the same, if A has as many
   */
  public Sketch sketchOfMost(Matrix a, double droppable, int least) {
    return sketch(a, 0, a.columns(), droppable, least);
  }

  private Sketch sketch(Matrix a, double alreadyDropped, long columns) {
    return sketch(a, alreadyDropped, columns, 0, Integer.MAX_VALUE);
  }

  private Sketch sketch(
      Matrix a, double alreadyDropped, long columns, double droppable, int least) {
    int smaller = Math.min(a.rows(), a.columns());
    if (smaller == 0) {
      return new Sketch(
          la.zeros(a.rows(), 0, precision),
          Spectrum.ofKept(new double[0], alreadyDropped),
          columns,
          0);
    }
    if (precision == Precision.FLOAT64 && smaller <= DIRECT_SVD_LIMIT) {
      return bySvd(a, alreadyDropped, columns);
    }
    return byGram(a, alreadyDropped, columns, droppable, least, NOISE);
  }

  /**
   * @param noise the share of the energy below which a direction is left out
   */
  private Sketch byGram(
      Matrix a, double alreadyDropped, long columns, double droppable, int least, double noise) {
    return a.columns() > a.rows()
        ? byOuterGram(a, alreadyDropped, columns, droppable, least, noise)
        : byInnerGram(a, alreadyDropped, columns, droppable, least, noise);
  }

  private Sketch bySvd(Matrix a, double alreadyDropped, long columns) {
    try (MatrixScope scope = new MatrixScope()) {
      LeftSvd svd = scope.own(la.leftSvd(a));
      double[] squares = new double[svd.values().length];
      for (int i = 0; i < squares.length; i++) {
        squares[i] = svd.values()[i] * svd.values()[i];
      }
      // Singular values are accurate to u·σ₁, their squares to u²·σ₁².
      int kept = keptRank(squares, 1e-30);
      return new Sketch(
          la.columns(svd.vectors(), 0, kept),
          Spectrum.ofKept(Arrays.copyOf(squares, kept), alreadyDropped + sumFrom(squares, kept)),
          columns,
          0);
    }
  }

  private Sketch byOuterGram(
      Matrix a, double alreadyDropped, long columns, double droppable, int least, double noise) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix gram = scope.own(la.zeros(a.rows(), a.rows(), Precision.FLOAT64));
      la.addOuterProductInPlace(gram, a, 1);
      Optional<Eigen> most = new SubspaceIteration(la).outer(a, gram, droppable, least);
      Eigen eigen =
          scope.own(
              most.orElseGet(() -> la.symmetricEigen(gram, values -> keptRank(values, noise))));
      int kept = keptRank(eigen.values(), noise);
      Matrix q = leading(eigen, kept, scope);
      double dropped = alreadyDropped + dropped(a, eigen.values(), kept);
      return new Sketch(
          la.cast(q, precision),
          Spectrum.ofKept(Arrays.copyOf(eigen.values(), kept), dropped),
          columns,
          0);
    }
  }

  private Sketch byInnerGram(
      Matrix a, double alreadyDropped, long columns, double droppable, int least, double noise) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix gram = scope.own(la.gram(a));
      Optional<Eigen> most = new SubspaceIteration(la).inner(a, gram, droppable, least);
      Eigen eigen =
          scope.own(
              most.orElseGet(() -> la.symmetricEigen(gram, values -> keptRank(values, noise))));
      int kept = keptRank(eigen.values(), noise);
      Matrix v = leading(eigen, kept, scope);
      Matrix leading = scope.own(la.product(a, scope.own(la.cast(v, precision))));
      Qr qr = la.qr(leading);
      scope.own(qr.r());
      double dropped = alreadyDropped + dropped(a, eigen.values(), kept);
      return new Sketch(
          qr.q(), Spectrum.ofKept(Arrays.copyOf(eigen.values(), kept), dropped), columns, 0);
    }
  }

  /**
   * What A and its transpose are expected to have in common with others.
   *
   * @param left F: m×k, F·Fᵀ ≈ A·Aᵀ
   * @param right H: n×k, H·Hᵀ ≈ AᵀA
   * @param spectrum of both
   */
  public record BothFactors(Matrix left, Matrix right, Spectrum spectrum) {}

  /**
   * Factors of A = U·diag(σ)·Vᵀ and Aᵀ by one decomposition: with G = AᵀA (or A·Aᵀ, whichever is
   * smaller) = V·diag(σ²)·Vᵀ they are A·V and V·diag(σ). Unlike the bases of sketches these columns
   * are orthogonal only up to the rounding of products, so that they tell what is likely and prove
   * nothing.
   *
   * @param a A: m×n, in this sketcher's precision, not modified
   * @param droppable as for {@link #sketchOfMost}
   * @param least as for {@link #sketchOfMost}
   * @param count tells from the spectrum how many columns the factors have
   */
  public BothFactors factors(Matrix a, double droppable, int least, ToIntFunction<Spectrum> count) {
    boolean wide = a.columns() > a.rows();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix gram;
      Optional<Eigen> most;
      SubspaceIteration iteration = new SubspaceIteration(la);
      if (wide) {
        gram = scope.own(la.zeros(a.rows(), a.rows(), Precision.FLOAT64));
        la.addOuterProductInPlace(gram, a, 1);
        most = iteration.outer(a, gram, droppable, least);
      } else {
        gram = scope.own(la.gram(a));
        most = iteration.inner(a, gram, droppable, least);
      }
      Eigen eigen =
          scope.own(
              most.orElseGet(() -> la.symmetricEigen(gram, values -> keptRank(values, NOISE))));
      int found = keptRank(eigen.values(), NOISE);
      Spectrum all =
          Spectrum.ofKept(Arrays.copyOf(eigen.values(), found), dropped(a, eigen.values(), found));
      int kept = Math.min(found, count.applyAsInt(all));
      double[] squares = Arrays.copyOf(eigen.values(), kept);
      Spectrum spectrum = Spectrum.ofKept(squares, all.tailEnergy(kept));
      Matrix v = scope.own(la.cast(leading(eigen, kept, scope), precision));
      Matrix scaled = scope.own(la.scaleColumns(v, sigmas(spectrum)));
      Matrix product = wide ? la.transposedProduct(a, v) : la.product(a, v);
      scope.release(scaled);
      return wide
          ? new BothFactors(scaled, product, spectrum)
          : new BothFactors(product, scaled, spectrum);
    }
  }

  private Matrix leading(Eigen eigen, int count, MatrixScope scope) {
    Matrix vectors = eigen.vectors();
    return vectors.columns() == count ? vectors : scope.own(la.columns(vectors, 0, count));
  }

  /** The energy of A outside the directions that are kept. */
  private double dropped(Matrix a, double[] values, int kept) {
    if (values.length == Math.min(a.rows(), a.columns())) {
      return sumFrom(values, kept);
    }
    double inside = 0;
    for (int i = kept - 1; i >= 0; i--) {
      inside += values[i];
    }
    return Math.max(0, la.energy(a) - inside);
  }

  /** The sketch of [M, A]; A: m×n in this sketcher's precision. Neither argument is modified. */
  public Sketch append(Sketch sketch, Matrix a) {
    return append(sketch, a, 0, a.columns());
  }

  /**
   * The sketch of [M, A] where A is known only as F with A·Aᵀ = F·Fᵀ + D, D ⪰ 0.
   *
   * @param factor F: m×k in this sketcher's precision, not modified
   * @param droppedEnergy trace(D)
   * @param columns how many columns A has
   */
  public Sketch append(Sketch sketch, Matrix factor, double droppedEnergy, long columns) {
    if (factor.rows() != sketch.rows()) {
      throw new IllegalArgumentException(
          "cannot append " + factor.rows() + " rows to a sketch of " + sketch.rows());
    }
    double dropped = sketch.spectrum().droppedEnergy() + droppedEnergy;
    long total = sketch.columns() + columns;
    if (sketch.rank() == 0) {
      return sketch(factor, dropped, total);
    }
    if (factor.columns() == 0) {
      return new Sketch(
          la.cast(sketch.basis(), precision),
          Spectrum.ofKept(squares(sketch.spectrum()), dropped),
          total,
          sketch.appends());
    }
    if (factor.columns() > factor.rows()) {
      // Many columns first become at most m: their own sketch loses nothing but noise.
      Sketcher lossless = new Sketcher(la, precision, factor.rows());
      try (Sketch narrow = lossless.sketch(factor, dropped, total);
          Matrix scaled = la.scaleColumns(narrow.basis(), sigmas(narrow.spectrum()))) {
        return update(sketch, scaled, narrow.spectrum().droppedEnergy(), total);
      }
    }
    if (factor.columns() == 1) {
      return updateByColumn(sketch, factor, dropped, total);
    }
    return precision == Precision.FLOAT32 && factor.columns() >= sketch.rank()
        ? updateAtOnce(sketch, factor, dropped, total)
        : update(sketch, factor, dropped, total);
  }

  /** The sketch of [M₁, M₂]. Merging in any order and grouping keeps the invariants. */
  public Sketch merge(Sketch left, Sketch right) {
    try (Matrix scaled = la.scaleColumns(right.basis(), sigmas(right.spectrum()))) {
      return append(left, scaled, right.spectrum().droppedEnergy(), right.columns());
    }
  }

  /** The leading {@code rank} directions of a sketch; the others go to the dropped energy. */
  public Sketch truncate(Sketch sketch, int rank) {
    int kept = Math.min(rank, sketch.rank());
    return new Sketch(
        la.columns(sketch.basis(), 0, kept),
        Spectrum.ofKept(
            Arrays.copyOf(squares(sketch.spectrum()), kept), sketch.spectrum().tailEnergy(kept)),
        sketch.columns(),
        sketch.appends());
  }

  private Sketch update(Sketch sketch, Matrix f, double dropped, long columns) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix q = sketch.basis();
      double energy = la.energy(f);
      Residual residual = residual(q, f, energy, scope);
      int k = q.columns();
      int p = residual.directions.columns();
      int n = f.columns();
      double[] x = new double[(k + p) * n];
      for (int j = 0; j < n; j++) {
        System.arraycopy(residual.inside, j * k, x, j * (k + p), k);
        System.arraycopy(residual.outside, j * p, x, j * (k + p) + k, p);
      }
      double[] squares = squares(sketch.spectrum());
      double[] g = new double[(k + p) * (k + p)];
      for (int i = 0; i < k; i++) {
        g[i + i * (k + p)] = squares[i];
      }
      Matrix gram = scope.own(la.fromColumns(g, k + p, k + p));
      la.addOuterProductInPlace(gram, scope.own(la.fromColumns(x, k + p, n)), 1);
      Eigen eigen = scope.own(la.symmetricEigen(gram, values -> keptRank(values, noise())));
      Matrix extended = p == 0 ? q : scope.own(la.concatenate(List.of(q, residual.directions)));
      Matrix rotation = scope.own(la.cast(eigen.vectors(), precision));
      return rotated(
          sketch, extended, rotation, eigen.values(), dropped + residual.dropped, columns);
    }
  }

  /**
   * As {@link #update} for about as many columns as there are directions, or more: one eigenproblem
   * for [Q·diag(σ), F], whose leading part is in float32 as exact as the products of an update are.
   */
  private Sketch updateAtOnce(Sketch sketch, Matrix f, double dropped, long columns) {
    try (Matrix scaled = la.scaleColumns(sketch.basis(), sigmas(sketch.spectrum()));
        Matrix all = la.concatenate(List.of(scaled, f))) {
      return byGram(all, dropped, columns, 0, Integer.MAX_VALUE, noise());
    }
  }

  /** As {@link #update} for one column, whose outer product changes the Gram matrix by rank one. */
  private Sketch updateByColumn(Sketch sketch, Matrix f, double dropped, long columns) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix q = sketch.basis();
      int k = q.columns();
      Matrix r = scope.own(la.cast(f, precision));
      double[] inside = subtractProjectionInPlace(q, r);
      double outside = la.energy(r);
      boolean isNew = k < q.rows() && outside > noise() * la.energy(f);
      double[] d = Arrays.copyOf(squares(sketch.spectrum()), isNew ? k + 1 : k);
      double[] z = Arrays.copyOf(inside, d.length);
      Matrix extended = q;
      if (isNew) {
        double norm = Math.sqrt(outside);
        z[k] = norm;
        Matrix direction = scope.own(la.scaleColumns(r, new double[] {1 / norm}));
        extended = scope.own(la.concatenate(List.of(q, direction)));
      }
      RankOneEigen eigen = RankOneEigen.of(d, z);
      double[] values = eigen.values();
      int kept = keptRank(values, noise());
      Matrix rotation = scope.own(fromColumns(eigen.vectors(kept), extended.columns(), kept));
      return rotated(
          sketch, extended, rotation, values, isNew ? dropped : dropped + outside, columns);
    }
  }

  private Matrix fromColumns(double[] elements, int rows, int columns) {
    if (precision == Precision.FLOAT64) {
      return la.fromColumns(elements, rows, columns);
    }
    float[] floats = new float[elements.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) elements[i];
    }
    return la.fromColumns(floats, rows, columns);
  }

  /**
   * The sketch that follows another one in another basis.
   *
   * @param extended Q, [Q, Q₊] for an update
   * @param rotation the leading eigenvectors; below the products' own noise one may point back into
   *     the old basis
   * @param values all eigenvalues
   */
  private Sketch rotated(
      Sketch sketch,
      Matrix extended,
      Matrix rotation,
      double[] values,
      double dropped,
      long columns) {
    int kept = rotation.columns();
    Matrix basis = la.product(extended, rotation);
    int appends = sketch.appends() + 1;
    if (appends >= REORTHONORMALIZE_AFTER) {
      try (Matrix drifted = basis) {
        Qr qr = la.qr(drifted);
        qr.r().close();
        basis = qr.q();
        appends = 0;
      }
    }
    return new Sketch(
        basis,
        Spectrum.ofKept(Arrays.copyOf(values, kept), dropped + sumFrom(values, kept)),
        columns,
        appends);
  }

  /** R ← (I − QQᵀ)R, twice; gives Qᵀ times what R was. */
  private double[] subtractProjectionInPlace(Matrix q, Matrix r) {
    try (Matrix y = la.transposedProduct(q, r)) {
      la.subtractProductInPlace(r, q, y);
      try (Matrix correction = la.transposedProduct(q, r)) {
        la.subtractProductInPlace(r, q, correction);
        double[] inside = y.toDoubles();
        double[] more = correction.toDoubles();
        for (int i = 0; i < inside.length; i++) {
          inside[i] += more[i];
        }
        return inside;
      }
    }
  }

  /**
   * F = Q·inside + directions·outside + what is dropped; directions ⟂ Q, orthonormal.
   *
   * @param inside k×n, column after column
   * @param outside p×n, column after column
   */
  private record Residual(Matrix directions, double[] inside, double[] outside, double dropped) {}

  private Residual residual(Matrix q, Matrix f, double energy, MatrixScope scope) {
    Matrix r = scope.own(la.cast(f, precision));
    double[] inside = subtractProjectionInPlace(q, r);
    double floor = noise() * energy;
    double outsideEnergy = la.energy(r);
    // There are no more than m directions; another would be rounding inside the span of Q.
    int most = q.rows() - q.columns();
    if (most == 0 || outsideEnergy <= floor) {
      return new Residual(
          scope.own(la.zeros(f.rows(), 0, precision)), inside, new double[0], outsideEnergy);
    }
    Eigen eigen =
        scope.own(
            la.symmetricEigen(
                scope.own(la.gram(r)),
                values -> {
                  int count = 0;
                  while (count < Math.min(most, values.length) && values[count] > floor) {
                    count++;
                  }
                  return count;
                }));
    Matrix directions = scope.own(orthonormal(q, r, eigen));
    double[] outside = scope.own(la.transposedProduct(directions, r)).toDoubles();
    double left = sumFrom(eigen.values(), directions.columns());
    return new Residual(directions, inside, outside, left);
  }

  /**
   * The leading left singular vectors of R, orthogonal to Q. An unpivoted factorisation of R would
   * not do: where columns of R depend on each other it makes directions of rounding noise, which
   * point back into the span of Q.
   */
  private Matrix orthonormal(Matrix q, Matrix r, Eigen eigen) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix v = scope.own(la.cast(eigen.vectors(), precision));
      int count = v.columns();
      double[] inverses = new double[count];
      for (int i = 0; i < count; i++) {
        inverses[i] = 1 / Math.sqrt(eigen.values()[i]);
      }
      Matrix u = scope.own(la.scaleColumns(scope.own(la.product(r, v)), inverses));
      la.subtractProductInPlace(u, q, scope.own(la.transposedProduct(q, u)));
      Qr qr = la.qr(u);
      scope.own(qr.r());
      return qr.q();
    }
  }

  /** The share of an energy below which a direction is rounding noise of products or of Grams. */
  private double noise() {
    double tolerance = NEW_DIRECTION * precision.unitRoundoff();
    return Math.max(NOISE, tolerance * tolerance);
  }

  /** How many of the squares (largest first) are kept: above the noise and within the rank. */
  private int keptRank(double[] squares, double noise) {
    double floor = noise * sumFrom(squares, 0);
    int kept = 0;
    while (kept < squares.length && kept < maxRank && squares[kept] > floor) {
      kept++;
    }
    return kept;
  }

  /** Σ_{i ≥ from} max(squares[i], 0), smallest first. */
  private static double sumFrom(double[] squares, int from) {
    double sum = 0;
    for (int i = squares.length - 1; i >= from; i--) {
      sum += Math.max(squares[i], 0);
    }
    return sum;
  }

  private static double[] squares(Spectrum spectrum) {
    double[] squares = new double[spectrum.size()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = spectrum.squaredSingularValue(i);
    }
    return squares;
  }

  private static double[] sigmas(Spectrum spectrum) {
    double[] sigmas = squares(spectrum);
    for (int i = 0; i < sigmas.length; i++) {
      sigmas[i] = Math.sqrt(sigmas[i]);
    }
    return sigmas;
  }
}
