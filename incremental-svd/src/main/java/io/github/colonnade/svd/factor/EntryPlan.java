package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * How many directions a cluster had better share if of all coefficients on them only the largest
 * are stored.
 *
 * <p>In an orthonormal basis, leaving out a coefficient c adds exactly c² to the squared error. Of
 * a basis of r directions a block loses what lies outside of it; what the limit leaves beyond that
 * is spent on the smallest coefficients, those of each block by itself or, in scope cluster, of all
 * together. More directions leave more to spend, and each costs m numbers and a bit for each of its
 * coefficients.
 *
 * @param shared r
 * @param cost about what all members cost in stored numbers, those included that are cheaper alone
 */
record EntryPlan(int shared, long cost) {

  /** All numbers of directions up to this one are tried. */
  private static final int ALL_UP_TO = 16;

  /** The step to the next number beyond that. */
  private static final double STEP = 1.06;

  /** Gram matrices tell nothing of smaller errors. */
  static boolean serves(ErrorLimit limit) {
    return limit.value() >= BasisFinder.GRAM_ACCURACY;
  }

  /**
   * @param vectors the joint basis
   * @param projections on it, or on its leading part
   * @param limit the limit less what rounding is expected to add
   */
  static EntryPlan cheapest(
      LinearAlgebra la,
      Cluster cluster,
      Matrix vectors,
      Projections projections,
      ErrorLimit limit,
      int bytesPerNumber) {
    int[] tried = tried(vectors.columns());
    Function<Batch, Coefficients> coefficients =
        batch -> Coefficients.of(la, batch, vectors, projections);
    double[] costs =
        limit.scope() == Scope.CLUSTER
            ? jointly(coefficients, cluster, limit.value(), tried, bytesPerNumber)
            : eachByItself(coefficients, cluster, limit.value(), tried, bytesPerNumber);
    int best = 0;
    for (int g = 1; g < tried.length; g++) {
      best = costs[g] < costs[best] ? g : best;
    }
    return new EntryPlan(tried[best], (long) Math.ceil(costs[best]));
  }

  private static int[] tried(int most) {
    TreeSet<Integer> tried = new TreeSet<>();
    for (double r = 1; r < most; r = Math.max(r + 1, r < ALL_UP_TO ? r + 1 : r * STEP)) {
      tried.add((int) r);
    }
    tried.add(most);
    return tried.stream().mapToInt(Integer::intValue).toArray();
  }

  private static double[] eachByItself(
      Function<Batch, Coefficients> coefficients,
      Cluster cluster,
      double limit,
      int[] tried,
      int bytesPerNumber) {
    double[] costs = bases(cluster, tried);
    SmallestFirst smallest = new SmallestFirst();
    for (Batch batch : cluster.batches()) {
      Coefficients c = coefficients.apply(batch);
      int column = 0;
      for (int i = 0; i < batch.size(); i++) {
        int index = batch.index(i);
        int n = batch.columns(i);
        double energy = cluster.energy(index);
        double lone = cluster.members().get(index).loneCost();
        double outside = 1;
        smallest.clear();
        int row = 0;
        for (int g = 0; g < tried.length && energy > 0; g++) {
          for (; row < tried[g]; row++) {
            double captured = 0;
            for (int j = column; j < column + n; j++) {
              smallest.add(c.square(row, j) / energy);
              captured += c.captured(row, j);
            }
            outside -= captured / energy;
          }
          double budget = limit * limit - outside;
          costs[g] +=
              budget < 0
                  ? lone
                  : Math.min(
                      lone, numbers((long) row * n, smallest.fitting(budget), bytesPerNumber));
        }
        column += n;
      }
    }
    return costs;
  }

  private static double[] jointly(
      Function<Batch, Coefficients> coefficients,
      Cluster cluster,
      double limit,
      int[] tried,
      int bytesPerNumber) {
    double energy = 0;
    for (int j = 0; j < cluster.count(); j++) {
      energy += cluster.energy(j) * cluster.share(j);
    }
    List<SmallestFirst> bands = new ArrayList<>();
    double[] captured = new double[tried.length];
    Arrays.stream(tried).forEach(each -> bands.add(new SmallestFirst()));
    for (Batch batch : cluster.batches()) {
      Coefficients c = coefficients.apply(batch);
      int column = 0;
      for (int i = 0; i < batch.size(); i++) {
        double share = energy == 0 ? 0 : cluster.share(batch.index(i)) / energy;
        for (int end = column + batch.columns(i); column < end; column++) {
          int row = 0;
          for (int g = 0; g < tried.length; g++) {
            SmallestFirst band = bands.get(g);
            for (; row < tried[g]; row++) {
              band.add(c.square(row, column) * share);
              captured[g] += c.captured(row, column) * share;
            }
          }
        }
      }
    }
    double[] costs = bases(cluster, tried);
    SmallestFirst smallest = new SmallestFirst();
    double outside = 1;
    long lone = cluster.members().stream().mapToLong(Member::loneCost).sum();
    for (int g = 0; g < tried.length; g++) {
      smallest.add(bands.get(g));
      outside -= captured[g];
      double budget = limit * limit - outside;
      costs[g] =
          budget < 0
              ? lone
              : costs[g]
                  + numbers(tried[g] * cluster.columns(), smallest.fitting(budget), bytesPerNumber);
    }
    return costs;
  }

  private static double[] bases(Cluster cluster, int[] tried) {
    return Arrays.stream(tried).mapToDouble(each -> (double) each * cluster.rows()).toArray();
  }

  private static double numbers(long count, long dropped, int bytesPerNumber) {
    double some =
        (double) SparseCoefficients.bytes(count, count - dropped, bytesPerNumber) / bytesPerNumber;
    return Math.min((double) count, some);
  }

  /**
   * The coefficients of a batch.
   *
   * @param plain UᵀA
   * @param weighted UᵀAF, the same where there are no weights
   * @param rows r
   * @param factors of the columns, √h_jj
   */
  private record Coefficients(double[] plain, double[] weighted, int rows, double[] factors) {

    static Coefficients of(LinearAlgebra la, Batch batch, Matrix vectors, Projections projections) {
      try (MatrixScope scope = new MatrixScope()) {
        if (projections.keepCoefficients() && projections.directions() == vectors.columns()) {
          double[] kept = scope.own(projections.coefficients(la, batch)).toDoubles();
          return new Coefficients(kept, kept, vectors.columns(), batch.columnFactors());
        }
        Matrix a = scope.own(batch.load());
        double[] plain = scope.own(la.transposedProduct(vectors, a)).toDoubles();
        double[] weighted = plain;
        if (batch.hasWeights()) {
          Matrix af = scope.own(batch.weigh(a).matrix());
          weighted = scope.own(la.transposedProduct(vectors, af)).toDoubles();
        }
        return new Coefficients(plain, weighted, vectors.columns(), batch.columnFactors());
      }
    }

    /** What leaving out a coefficient adds to the squared error, but for what others add to it. */
    double square(int row, int column) {
      double c = plain[row + column * rows];
      double one = c == 0 ? 0 : c * factors[column];
      return one * one;
    }

    /** Its part of the energy along its direction. */
    double captured(int row, int column) {
      double c = weighted[row + column * rows];
      return c * c;
    }
  }
}
