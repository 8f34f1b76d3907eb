package io.github.colonnade.svd.lost;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Looks for the rank and the channels with which a matrix W: m×n takes the fewest numbers.
 *
 * <p>{@link LostPlan} is the optimum for given vectors. Those of W itself are a poor start where a
 * few columns stand out: the leading vectors then are these columns, which so lose nothing and are
 * not worth keeping. So sets of 1, 2, 4, … columns are taken away first, the eigenvalues of what is
 * left tell the rank that it needs, and the best of them gets vectors of its own, with which a plan
 * is made again, as long as that takes fewer numbers. A plan is never dearer than the one before,
 * since what the vectors serve stays within the limit.
 *
 * <p>Which columns are taken away first: by ‖U_rᵀw_i‖² · h_i + ‖w_i − U_rU_rᵀw_i‖² at the least
 * rank r that meets the limit without any, where h_i = Σ_{l≤r} c_li²/σ_l², the leverage, is the
 * share of the leading directions that column i has by itself: 1 for a column that nothing else is
 * like, about r/n for one among many.
 */
public final class LostSearch {

  /** The largest Gram matrix that is formed: 4096² doubles are 128 MiB. */
  private static final int GRAM_LIMIT = 4096;

  /** Gram matrices square the condition number: a smaller share of the energy is noise in them. */
  private static final double GRAM_ACCURACY = 1e-12;

  /** The largest relative energy of noise in a Gram matrix; directions below it are not kept. */
  private static final double NOISE = 1e-15;

  /** How often the vectors are found anew for the columns that are left. */
  private static final int MAX_ROUNDS = 4;

  /** Growing sets are tried until so many in a row take more numbers than the best. */
  private static final int PATIENCE = 2;

  /** What lies outside of the given vectors is not seen if it is below this share of the limit. */
  private static final double UNSEEN = 0.05;

  /** Singular values are found of projections on vectors that are this part of the smaller side. */
  private static final int FEW = 2;

  private final LinearAlgebra la;

  public LostSearch(LinearAlgebra la) {
    this.la = la;
  }

  /**
   * The cheapest plan that was found; its loss is for vectors of the columns outside its channels.
   *
   * @param w W: m×n FLOAT64, not modified
   * @param vectors leading left singular vectors of W: m×q with orthonormal columns, not modified
   * @param mostRank no larger rank is wanted
   * @param allowed the largest loss in the unit of ‖W‖²
   * @param bytesPerNumber of the stored format, to count bitmaps in numbers
   */
  public LostPlan cheapest(
      Matrix w, Matrix vectors, int mostRank, double allowed, int bytesPerNumber) {
    LostPlan.Energies energies = LostEnergies.of(la, w, vectors);
    LostPlan best = LostPlan.cheapest(energies, mostRank, allowed, bytesPerNumber);
    double whole = la.energy(w);
    if (w.columns() < 2 || allowed < GRAM_ACCURACY * whole || smallerSide(w) > GRAM_LIMIT) {
      return best;
    }
    int[] start = start(w, vectors, energies, mostRank, allowed, best.numbers(), bytesPerNumber);
    if (start.length > 0) {
      LostPlan improved = improved(w, start, best.numbers(), mostRank, allowed, bytesPerNumber);
      best = improved.numbers() < best.numbers() ? improved : best;
    }
    for (int round = 1; round < MAX_ROUNDS && best.channels().length > 0; round++) {
      LostPlan improved =
          improved(w, best.channels(), best.numbers(), mostRank, allowed, bytesPerNumber);
      if (improved.numbers() >= best.numbers()) {
        break;
      }
      best = improved;
    }
    return best;
  }

  /**
   * The plan of a rank and a number of channels that was found to lose least.
   *
   * @param w W: m×n FLOAT64, not modified
   * @param rank from 0 to min(m, n)
   * @param count of channels, from 0 to n
   */
  public LostPlan fixed(Matrix w, int rank, int count, int bytesPerNumber) {
    int[] none = new int[0];
    LostPlan best = fixed(w, none, rank, count, bytesPerNumber);
    if (count == 0) {
      return best;
    }
    double[] scores;
    try (Matrix vectors = leading(w, none, LostSearch::aboveNoise)) {
      LostPlan.Energies energies = LostEnergies.of(la, w, vectors);
      scores = scores(energies, Math.min(energies.vectors(), Math.addExact(rank, count)));
    }
    LostPlan other = fixed(w, LostPlan.largest(scores, count), rank, count, bytesPerNumber);
    best = other.lost() < best.lost() ? other : best;
    for (int round = 1; round < MAX_ROUNDS; round++) {
      LostPlan next = fixed(w, best.channels(), rank, count, bytesPerNumber);
      if (!(next.lost() < best.lost())) {
        break;
      }
      best = next;
    }
    return best;
  }

  private LostPlan fixed(Matrix w, int[] without, int rank, int count, int bytesPerNumber) {
    try (Matrix vectors = leading(w, without, LostSearch::aboveNoise)) {
      LostPlan.Energies energies = LostEnergies.of(la, w, vectors);
      LostPlan plan =
          LostPlan.fixed(energies, Math.min(rank, energies.vectors()), count, bytesPerNumber);
      return new LostPlan(rank, plan.channels(), plan.lost(), plan.numbers());
    }
  }

  /** The columns whose absence makes the others cheapest, if they and these are below a cost. */
  private int[] start(
      Matrix w,
      Matrix vectors,
      LostPlan.Energies energies,
      int mostRank,
      double allowed,
      long numbers,
      int bytesPerNumber) {
    double outside = Arrays.stream(energies.outside()).sum();
    if (outside > UNSEEN * allowed || FEW * vectors.columns() > smallerSide(w)) {
      return start(w, w, 0, energies, mostRank, allowed, numbers, bytesPerNumber);
    }
    try (Matrix coordinates = la.transposedProduct(vectors, w)) {
      return start(w, coordinates, outside, energies, mostRank, allowed, numbers, bytesPerNumber);
    }
  }

  /**
   * @param seen has the singular values of the columns of W, or of their projections
   * @param outside the energy of what is not seen
   */
  private int[] start(
      Matrix w,
      Matrix seen,
      double outside,
      LostPlan.Energies energies,
      int mostRank,
      double allowed,
      long numbers,
      int bytesPerNumber) {
    int n = w.columns();
    int[] order = order(energies, rank(energies, allowed));
    int[] chosen = new int[0];
    long least = numbers;
    int worse = 0;
    for (int k = 1; k <= n / 2 && (long) k * w.rows() < least && worse < PATIENCE; k *= 2) {
      int[] without = Arrays.copyOf(order, k);
      Arrays.sort(without);
      int rank = least(eigenvalues(seen, without), allowed - outside);
      long cost =
          rank <= mostRank
              ? (long) rank * (w.rows() + n - k)
                  + (long) k * w.rows()
                  + LostPlan.bitmapNumbers(without, bytesPerNumber)
              : Long.MAX_VALUE;
      worse = cost < least ? 0 : worse + 1;
      if (cost < least) {
        least = cost;
        chosen = without;
      }
    }
    return chosen;
  }

  /**
   * The plan with vectors of the columns that are left. With k whole columns a rank r takes r·(m +
   * n − k) + k·m ≥ r·(m + n) numbers, so that more vectors than there are in {@code numbers} are of
   * no use.
   *
   * @param numbers that it is to be below
   */
  private LostPlan improved(
      Matrix w, int[] without, long numbers, int mostRank, double allowed, int bytesPerNumber) {
    int most = Math.toIntExact(Math.min(mostRank, numbers / (w.rows() + w.columns())));
    try (Matrix vectors = leading(w, without, values -> Math.min(aboveNoise(values), most))) {
      return LostPlan.cheapest(LostEnergies.of(la, w, vectors), mostRank, allowed, bytesPerNumber);
    }
  }

  /** The least rank that meets the limit without any channel, or that of all vectors. */
  private static int rank(LostPlan.Energies energies, double allowed) {
    int q = energies.vectors();
    double tail = Arrays.stream(energies.outside()).sum();
    double[] squares = squares(energies);
    int rank = q;
    while (rank > 0 && tail + squares[rank - 1] <= allowed) {
      tail += squares[--rank];
    }
    return rank;
  }

  /** σ_l². */
  private static double[] squares(LostPlan.Energies energies) {
    int q = energies.vectors();
    double[] squares = new double[q];
    for (int at = 0; at < energies.captured().length; at++) {
      squares[at % q] += energies.captured()[at];
    }
    return squares;
  }

  private static int[] order(LostPlan.Energies energies, int rank) {
    double[] scores = scores(energies, rank);
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted((i, j) -> Double.compare(scores[j], scores[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private static double[] scores(LostPlan.Energies energies, int rank) {
    int q = energies.vectors();
    double[] squares = squares(energies);
    double[] scores = LostPlan.losses(energies, rank);
    for (int i = 0; i < scores.length; i++) {
      double leverage = 0;
      double captured = 0;
      for (int l = 0; l < rank; l++) {
        double each = energies.captured()[i * q + l];
        captured += each;
        leverage += squares[l] == 0 ? 0 : each / squares[l];
      }
      scores[i] += captured * leverage;
    }
    return scores;
  }

  /** The least r with Σ_{l>r} λ_l ≤ allowed. */
  private static int least(double[] eigenvalues, double allowed) {
    double tail = 0;
    int rank = eigenvalues.length;
    while (rank > 0 && tail + Math.max(0, eigenvalues[rank - 1]) <= allowed) {
      tail += Math.max(0, eigenvalues[--rank]);
    }
    return rank;
  }

  private double[] eigenvalues(Matrix w, int[] without) {
    try (Matrix rest = rest(w, without);
        Matrix gram = smallerGram(rest)) {
      return la.symmetricEigenvalues(gram);
    }
  }

  /**
   * The left singular vectors of all but some columns of W, closed by the caller.
   *
   * @param count how many, told from the squared singular values; all if there are very many
   */
  private Matrix leading(Matrix w, int[] without, ToIntFunction<double[]> count) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix rest = scope.own(rest(w, without));
      if (smallerSide(rest) > GRAM_LIMIT) {
        return scope.release(scope.own(la.leftSvd(rest)).vectors());
      }
      Eigen eigen = scope.own(la.symmetricEigen(scope.own(smallerGram(rest)), count));
      if (rest.columns() > rest.rows()) {
        return scope.release(eigen.vectors());
      }
      LinearAlgebra.Qr qr = la.qr(scope.own(la.product(rest, eigen.vectors())));
      scope.own(qr.r());
      return qr.q();
    }
  }

  private static int aboveNoise(double[] values) {
    double energy = Arrays.stream(values).map(each -> Math.max(each, 0)).sum();
    int kept = 0;
    while (kept < values.length && values[kept] > NOISE * energy) {
      kept++;
    }
    return kept;
  }

  private Matrix rest(Matrix w, int[] without) {
    BitSet taken = new BitSet();
    Arrays.stream(without).forEach(taken::set);
    return la.selectColumns(
        w, IntStream.range(0, w.columns()).filter(i -> !taken.get(i)).toArray());
  }

  private Matrix smallerGram(Matrix a) {
    if (a.columns() <= a.rows()) {
      return la.gram(a);
    }
    Matrix gram = la.zeros(a.rows(), a.rows(), Precision.FLOAT64);
    la.addOuterProductInPlace(gram, a, 1);
    return gram;
  }

  private static int smallerSide(Matrix a) {
    return Math.min(a.rows(), a.columns());
  }
}
