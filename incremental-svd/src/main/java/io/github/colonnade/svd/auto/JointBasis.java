package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.LinearAlgebra.Qr;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.sketch.Subspace;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Left singular vectors and spectrum of some blocks side by side, M: m×n.
 *
 * <p>Where n < m the eigenproblem is that of MᵀM, with eigenvalues λ and vectors V. As uᵢᵀM =
 * √λᵢ·vᵢᵀ, they tell what each block has along each uᵢ, so that the uᵢ themselves are only made for
 * those who take them.
 *
 * <p>Decompositions are by Gram matrices in double, of the smaller side.
 */
final class JointBasis implements AutoCloseable {

  private static final double NOISE = 1e-15;

  /** A decomposition keeps all but this share of the error limit. */
  private static final double DROPPED_SHARE = 0.1;

  /** There are at least so many vectors, that are not negligible, for sets of few members. */
  private static final int LEAST_VECTORS_OF_FEW = Planner.SMALL_SET;

  private static final int LEAST_VECTORS = 16;

  /** There are no more vectors than this, over those that the joint limit takes. */
  private static final int VECTORS_OVER_NEEDED = 2;

  /** Columns of a subspace iteration, its steps, and how much larger the matrix must be. */
  private static final int SUBSPACE = 48;

  /** Vectors that are on the heap together. */
  private static final int TOGETHER = 64;

  private static final int ITERATIONS = 4;
  private static final int FEW = 4;

  /** Below this limit the energy that a subspace leaves out is no difference of two energies. */
  private static final double DIFFERENCE_LIMIT = 1e-5;

  private final Blocks blocks;
  private final int[] members;
  private final Spectrum spectrum;
  private final MatrixScope owned = new MatrixScope();

  /** Eigenvectors V of MᵀM: n×k; none where those of M·Mᵀ were made. */
  private @Nullable Matrix right;

  /** The energy of each member along each vector, member after member; may be empty. */
  private float[] along = new float[0];

  private @Nullable Matrix left;
  private @Nullable Batches batches;

  /**
   * @param members positions, ascending
   */
  JointBasis(Blocks blocks, int[] members) {
    long started = System.nanoTime();
    this.blocks = blocks;
    this.members = members;
    try {
      this.spectrum = decompose();
      blocks.decisions().took(Proof.EXACT, started);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private Spectrum decompose() {
    long width = Arrays.stream(members).mapToLong(j -> blocks.factor(j).columns()).sum();
    double dropped = 0;
    for (int member : members) {
      dropped += blocks.spectrum(member).droppedEnergy();
    }
    try (MatrixScope scope = new MatrixScope()) {
      boolean outer = blocks.rows <= width;
      Matrix gram;
      if (outer) {
        gram = scope.own(blocks.la.zeros(blocks.rows, blocks.rows, Precision.FLOAT64));
        batches().addOuterProducts(gram);
      } else {
        gram = scope.own(blocks.la.gram(scope.own(blocks.concatenated(members))));
      }
      int least = members.length <= Planner.SMALL_SET ? LEAST_VECTORS_OF_FEW : LEAST_VECTORS;
      double droppedBefore = dropped;
      Leading leading =
          eigen(gram, dropped, each -> kept(Blocks.squares(each), droppedBefore, least));
      Eigen eigen = scope.own(leading.eigen);
      dropped += leading.left;
      double[] values = Blocks.squares(eigen.values());
      int kept = kept(values, dropped, least);
      for (int i = values.length - 1; i >= kept; i--) {
        dropped += values[i];
      }
      Matrix vectors = scope.own(blocks.la.columns(eigen.vectors(), 0, kept));
      if (outer) {
        left = owned.own(blocks.la.cast(vectors, blocks.precision));
      } else {
        right = owned.own(scope.release(vectors));
        if (Batches.differencesTell(blocks)) {
          along = along(vectors, values, leading.exact ? null : gram);
        }
      }
      return Spectrum.ofKept(Arrays.copyOf(values, kept), dropped);
    }
  }

  /**
   * ‖uᵢᵀA_j‖² is Σ λᵢ·V_ci² over the columns c of A_j where V are eigenvectors, and Σ
   * (MᵀM·V)_ci²/λᵢ where they are Ritz vectors.
   *
   * @param values λ, at least as many as there are vectors
   * @param gram MᵀM where they are Ritz vectors
   */
  private float[] along(Matrix vectors, double[] values, @Nullable Matrix gram) {
    int k = vectors.columns();
    float[] along = new float[members.length * k];
    for (int from = 0; from < k; from += TOGETHER) {
      try (MatrixScope scope = new MatrixScope()) {
        int to = Math.min(k, from + TOGETHER);
        Matrix some = scope.own(blocks.la.columns(vectors, from, to));
        double[] v = (gram == null ? some : scope.own(blocks.la.product(gram, some))).toDoubles();
        int at = 0;
        for (int i = from; i < to; i++) {
          double scale = gram == null ? values[i] : 1 / values[i];
          for (int j = 0; j < members.length; j++) {
            double sum = 0;
            for (int end = at + blocks.factor(members[j]).columns(); at < end; at++) {
              sum += v[at] * v[at];
            }
            along[j * k + i] = (float) (scale * sum);
          }
        }
      }
    }
    return along;
  }

  /** Positions, ascending. */
  int[] members() {
    return members;
  }

  /** Squared singular values; those of the vectors that are left out are the dropped energy. */
  Spectrum spectrum() {
    return spectrum;
  }

  /** How many left singular vectors there are. */
  int size() {
    return spectrum.size();
  }

  /** The left singular vectors: m×k, closed with this. */
  Matrix vectors() {
    Matrix v = right;
    if (left == null && v != null) {
      try (MatrixScope scope = new MatrixScope()) {
        Matrix all = scope.own(blocks.concatenated(members));
        Matrix cast = scope.own(blocks.la.cast(v, blocks.precision));
        Qr qr = blocks.la.qr(scope.own(blocks.la.product(all, cast)));
        scope.own(qr.r());
        left = owned.own(qr.q());
      }
    }
    return Objects.requireNonNull(left);
  }

  Batches batches() {
    Batches made = batches;
    if (made == null) {
      made = new Batches(blocks, members);
      batches = made;
    }
    return made;
  }

  /** What of each member lies along the left singular vectors and outside. */
  void project(Batches.Visitor visitor) {
    if (along.length == 0) {
      batches().project(vectors(), visitor);
      return;
    }
    double[] rows = new double[size()];
    for (int j = 0; j < members.length; j++) {
      double inside = 0;
      for (int i = 0; i < rows.length; i++) {
        rows[i] = along[j * rows.length + i];
        inside += rows[i];
      }
      visitor.visit(members[j], rows, Math.max(0, blocks.energies[members[j]] - inside));
    }
  }

  @Override
  public void close() {
    try (owned) {
      if (batches != null) {
        batches.close();
      }
    }
  }

  /**
   * How many directions a set of blocks keeps.
   *
   * @param values squared singular values, largest first
   * @param dropped the energy outside them
   * @param least this many at least, of those that are not negligible
   */
  private int kept(double[] values, double dropped, int least) {
    double total = Arrays.stream(values).sum();
    double share = DROPPED_SHARE * blocks.limit();
    double negligible = Math.max(NOISE, share * share / values.length) * total;
    int kept = 0;
    while (kept < values.length && values[kept] > negligible) {
      kept++;
    }
    Spectrum whole = Spectrum.ofKept(values, dropped);
    int needed = Rank.smallestFor(whole, blocks.limit()).orElse(values.length);
    int most = Math.max(least, VECTORS_OVER_NEEDED * needed);
    return Math.min(kept, Math.min(most, blocks.settings.rankLimit()));
  }

  /**
   * Eigenpairs of a Gram matrix, largest first.
   *
   * @param left the energy of those that are not here
   * @param exact whether they are those of the matrix, and not of a subspace
   */
  private record Leading(Eigen eigen, double left, boolean exact) {}

  /**
   * The eigenpairs of a Gram matrix that matter: by subspace iteration where few of them meet the
   * limit twice over, which is several times as fast as all of them.
   *
   * @param count how many vectors there are otherwise, of all eigenvalues
   */
  private Leading eigen(Matrix gram, double dropped, ToIntFunction<double[]> count) {
    int m = gram.rows();
    if (m < SUBSPACE * FEW || blocks.limit() < DIFFERENCE_LIMIT) {
      return new Leading(blocks.la.symmetricEigen(gram, count), 0, true);
    }
    try (Subspace subspace = Subspace.of(blocks.la, gram, SUBSPACE, ITERATIONS)) {
      double trace = trace(gram);
      double[] values = subspace.inside().values();
      double left = trace;
      for (int i = 0; i < SUBSPACE / VECTORS_OVER_NEEDED; i++) {
        left -= values[i];
      }
      double allowed = blocks.limit() * blocks.limit() * (trace + dropped);
      if (left + dropped > allowed) {
        return new Leading(blocks.la.symmetricEigen(gram, count), 0, true);
      }
      double rest = Math.max(0, trace - Arrays.stream(values).sum());
      return new Leading(subspace.ritzPairs(blocks.la), rest, false);
    }
  }

  private static double trace(Matrix gram) {
    double[] values = gram.toDoubles();
    double trace = 0;
    for (int i = 0; i < gram.rows(); i++) {
      trace += values[i * (gram.rows() + 1)];
    }
    return trace;
  }
}
