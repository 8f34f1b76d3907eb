package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.factor.RangeFinder.Leading;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The leading left singular vectors of blocks side by side, in double.
 *
 * <p>Five ways: from few directions where these hold the energy of a large block ({@link
 * RangeFinder}); otherwise by size, a direct SVD of the concatenation where the error limit is too
 * small for Gram matrices (they square the condition number: a relative error below about 10⁻⁷ is
 * lost in them); the m×m Gram matrix, to which blocks are added one by one; the n×n Gram matrix
 * where the columns are few; and an incremental sketch where both sides are large.
 */
final class BasisFinder {

  /** The largest Gram matrix that is formed: 4096² doubles are 128 MiB. */
  private static final int GRAM_LIMIT = 4096;

  /** The most elements of a concatenation that is decomposed directly. */
  private static final long DIRECT_LIMIT = 1L << 24;

  /** The smallest limit that Gram matrices serve. */
  static final double GRAM_ACCURACY = 1e-6;

  /** A sketch drops this share of the error limit at most. */
  private static final double DROPPED_SHARE = 0.1;

  /** A few directions serve if they are so many times those that the limit needs. */
  private static final int TIMES_NEEDED = 3;

  private final LinearAlgebra la;

  /** The largest relative energy of noise in a Gram matrix; directions below it are not kept. */
  private static final double NOISE = 1e-15;

  BasisFinder(LinearAlgebra la) {
    this.la = la;
  }

  /**
   * @param vectors m×k, orthonormal, k at most the rank that was asked for; the caller closes it
   * @param spectrum the squares for these vectors and those that were found with them, at most the
   *     rank that was asked for, and the rest as dropped energy
   * @param isExact whether these are the leading squares of the blocks, and not only bounds below
   */
  record Basis(Matrix vectors, Spectrum spectrum, boolean isExact) {

    /** The spectrum of the blocks, if it is known. */
    Optional<Spectrum> exactSpectrum() {
      return isExact ? Optional.of(spectrum) : Optional.empty();
    }
  }

  /** All vectors up to a rank. */
  Basis find(Cluster blocks, int rank, double limit) {
    return find(blocks, rank, limit, Spectrum::size);
  }

  /**
   * As many vectors as may be of use: of a large block by itself perhaps the spectrum ends where
   * little of what the limit lets be lost is left.
   *
   * @param blocks the cluster's blocks, each multiplied by its weight and its factor in the scope
   * @param rank the most vectors
   * @param limit that the output is to meet
   */
  Basis find(Cluster blocks, int rank, double limit, FewDirections few) {
    return byFewDirections(blocks, rank, few)
        .orElseGet(() -> find(blocks, rank, limit, few::found));
  }

  /**
   * For one block: of several, what is little of the energy of all may be much of one. Not tried
   * where the block by itself takes too much for a small rank.
   */
  private Optional<Basis> byFewDirections(Cluster blocks, int rank, FewDirections few) {
    if (blocks.count() > 1 || few.limit() < GRAM_ACCURACY) {
      return Optional.empty();
    }
    Member member = blocks.members().get(0);
    long expected = member.loneCost() / (blocks.rows() + member.columns());
    int directions = RangeFinder.directions(Math.min(blocks.rows(), member.columns()));
    if (expected > directions / TIMES_NEEDED) {
      return Optional.empty();
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(blocks.batches().get(0).loadForBasis());
      double energy = la.energy(a);
      Optional<Leading> leading =
          new RangeFinder(la).find(a, energy, few.limit() * few.limit() * energy);
      leading.ifPresent(each -> scope.own(each.vectors()));
      return leading.flatMap(each -> basis(each, rank, few.limit()));
    }
  }

  /** Nothing if more directions might be of use than were found. */
  private Optional<Basis> basis(Leading leading, int rank, double limit) {
    Spectrum spectrum = aboveNoise(leading.squares(), rank, leading.outside());
    int needed = Rank.smallestFor(spectrum, limit).orElse(Integer.MAX_VALUE);
    return needed <= leading.squares().length / TIMES_NEEDED
        ? Optional.of(new Basis(la.columns(leading.vectors(), 0, spectrum.size()), spectrum, false))
        : Optional.empty();
  }

  /**
   * @param wanted how many vectors suffice for now with a spectrum, at most its size; there are
   *     more where these are there anyway
   */
  Basis find(Cluster blocks, int rank, double limit, ToIntFunction<Spectrum> wanted) {
    long m = blocks.rows();
    long n = blocks.columns();
    if (limit < GRAM_ACCURACY && m * n <= DIRECT_LIMIT) {
      return bySvd(blocks, rank);
    }
    if (m <= GRAM_LIMIT && m <= n) {
      return byOuterGram(blocks, rank, wanted);
    }
    if (n <= GRAM_LIMIT) {
      return byInnerGram(blocks, rank, wanted);
    }
    return m <= GRAM_LIMIT ? byOuterGram(blocks, rank, wanted) : bySketch(blocks, rank, limit);
  }

  private Basis bySvd(Cluster blocks, int rank) {
    try (MatrixScope scope = new MatrixScope()) {
      LeftSvd svd = scope.own(la.leftSvd(concatenation(blocks, scope)));
      double[] squares = Arrays.stream(svd.values()).map(x -> x * x).toArray();
      int kept = Math.min(rank, squares.length);
      while (kept > 0 && squares[kept - 1] == 0) {
        kept--;
      }
      return new Basis(la.columns(svd.vectors(), 0, kept), spectrum(squares, kept, 0), true);
    }
  }

  private Basis byOuterGram(Cluster blocks, int rank, ToIntFunction<Spectrum> wanted) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix gram = scope.own(la.zeros(blocks.rows(), blocks.rows(), Precision.FLOAT64));
      for (Batch batch : blocks.batches()) {
        try (Matrix a = batch.loadForBasis()) {
          la.addOuterProductInPlace(gram, a, 1);
        }
      }
      Eigen eigen = la.symmetricEigen(gram, values -> wanted.applyAsInt(aboveNoise(values, rank)));
      return new Basis(eigen.vectors(), aboveNoise(eigen.values(), rank), true);
    }
  }

  private Basis byInnerGram(Cluster blocks, int rank, ToIntFunction<Spectrum> wanted) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix all = concatenation(blocks, scope);
      Eigen eigen =
          scope.own(
              la.symmetricEigen(
                  scope.own(la.gram(all)), values -> wanted.applyAsInt(aboveNoise(values, rank))));
      LinearAlgebra.Qr qr = la.qr(scope.own(la.product(all, eigen.vectors())));
      scope.own(qr.r());
      return new Basis(qr.q(), aboveNoise(eigen.values(), rank), true);
    }
  }

  /** Directions that the limit has no use for are left out at once, or there would be too many. */
  private Basis bySketch(Cluster blocks, int rank, double limit) {
    int most = Math.min(Math.min(blocks.rows(), rank), GRAM_LIMIT);
    Sketcher sketcher = new Sketcher(la, Precision.FLOAT64, most);
    Sketch sketch = sketcher.empty(blocks.rows());
    try {
      for (Batch batch : blocks.batches()) {
        try (Matrix a = batch.loadForBasis();
            Sketch shorter = sketch;
            Sketch longer = sketcher.append(shorter, a)) {
          sketch = sketcher.truncate(longer, useful(longer.spectrum(), limit));
        }
      }
    } catch (RuntimeException e) {
      sketch.close();
      throw e;
    }
    return new Basis(sketch.basis(), sketch.spectrum(), false);
  }

  private static int useful(Spectrum spectrum, double limit) {
    double share = DROPPED_SHARE * limit;
    int kept = Math.min(1, spectrum.size());
    while (kept < spectrum.size()
        && spectrum.tailEnergy(kept) > share * share * spectrum.energy()) {
      kept++;
    }
    return kept;
  }

  private Matrix concatenation(Cluster blocks, MatrixScope scope) {
    List<Matrix> parts = new ArrayList<>();
    for (Batch batch : blocks.batches()) {
      parts.add(scope.own(batch.loadForBasis()));
    }
    return parts.size() == 1 ? parts.get(0) : scope.own(la.concatenate(parts));
  }

  private static Spectrum aboveNoise(double[] values, int rank) {
    return aboveNoise(values, rank, 0);
  }

  /**
   * @param outside the energy of those that are not there
   */
  private static Spectrum aboveNoise(double[] values, int rank, double outside) {
    double total = outside + Arrays.stream(values).map(x -> Math.max(x, 0)).sum();
    int kept = 0;
    while (kept < Math.min(rank, values.length) && values[kept] > NOISE * total) {
      kept++;
    }
    return spectrum(values, kept, outside);
  }

  private static Spectrum spectrum(double[] squares, int kept, double outside) {
    double dropped = outside;
    for (int i = squares.length - 1; i >= kept; i--) {
      dropped += Math.max(squares[i], 0);
    }
    return Spectrum.ofKept(Arrays.copyOf(squares, kept), dropped);
  }
}
