package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SmallestValues;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.factor.RepairTally.Way;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.factor.StoredFactors.Measured;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Encodes blocks on a dictionary and stores their largest coefficients only.
 *
 * <p>What the limit leaves beyond what lies outside the dictionary is spent on the smallest
 * coefficients. Then the stored factors are measured; where rounding has used more than was
 * expected, fewer coefficients are left out.
 */
final class EntryFactors {

  /** How often fewer coefficients are left out. */
  private static final int MAX_REPAIRS = 6;

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final Cluster cluster;
  private final StoredFactors factors;
  private final double target;
  private long mostNumbers = Long.MAX_VALUE;

  /** How many columns of the dictionary are for all. */
  private int shared;

  /** The columns of the dictionary that each block may use. */
  private final NavigableMap<Integer, int[]> allowed = new TreeMap<>();

  private final NavigableMap<Integer, Coded> coded = new TreeMap<>();

  /**
   * A block as it was encoded.
   *
   * @param rows the columns of the dictionary that it uses
   */
  private record Coded(int[] rows, Measured measured) {}

  /**
   * @param limit the limit less what rounding is expected to add
   * @param factors of the same cluster
   */
  EntryFactors(
      LinearAlgebra la,
      EncoderSettings settings,
      Cluster cluster,
      StoredFactors factors,
      ErrorLimit limit) {
    this.la = la;
    this.settings = settings;
    this.cluster = cluster;
    this.factors = factors;
    this.target = limit.value() * limit.value();
  }

  /** Nothing is encoded that is seen to take more numbers than this. */
  EntryFactors below(long numbers) {
    mostNumbers = numbers;
    return this;
  }

  /**
   * All members on one basis.
   *
   * @param basis orthonormal but for rounding, m×r
   * @param vectors orthonormal, m×q, whose space has that of the basis
   * @param projections on the vectors
   * @param least how many members there must be
   * @return nothing if fewer members meet the limit
   */
  Attempt encode(Matrix basis, Matrix vectors, Projections projections, int least) {
    allowAll(basis.columns());
    return encodeAllowed(basis, rounded -> Dictionary.of(la, rounded, vectors, projections), least);
  }

  /**
   * All members on columns that are stored already.
   *
   * @param dictionary stays the caller's
   * @param least how many members there must be
   * @return nothing if fewer members meet the limit
   */
  Attempt encode(Dictionary dictionary, int least) {
    allowAll(dictionary.basis().columns());
    return KeptRows.fits(cluster.count(), shared)
        ? encodeAllowed(dictionary, least)
        : Attempt.none();
  }

  private void allowAll(int columns) {
    shared = columns;
    int[] all = KeptRows.all(columns);
    for (int j = 0; j < cluster.count(); j++) {
      allowed.put(j, all);
    }
  }

  /**
   * The members that share in a plan, on its shared directions and on their own ones.
   *
   * @param vectors the joint basis that the plan was made for
   * @return nothing if fewer than two members meet the limit
   */
  Attempt encode(Matrix vectors, RaggedPlan plan) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix leading = scope.own(la.columns(vectors, 0, plan.shared()));
      OwnDirections directions = new OwnDirections(la, cluster, leading);
      List<Matrix> parts = new ArrayList<>();
      parts.add(leading);
      shared = plan.shared();
      int next = plan.shared();
      for (int j = 0; j < cluster.count(); j++) {
        if (plan.plan().uses().get(j).isPresent()) {
          int own = plan.plan().uses().get(j).get().own();
          if (own > 0) {
            parts.add(scope.own(directions.vectors(j, own)));
          }
          IntStream ofAll = IntStream.range(0, plan.shared());
          allowed.put(j, IntStream.concat(ofAll, IntStream.range(next, next + own)).toArray());
          next += own;
        }
      }
      return encodeAllowed(
          scope.own(la.concatenate(parts)), rounded -> Dictionary.of(la, rounded), 2);
    }
  }

  private Attempt encodeAllowed(
      Matrix directions, Function<Matrix, Dictionary> dictionary, int least) {
    if (!KeptRows.fits(cluster.count(), directions.columns())) {
      return Attempt.none();
    }
    RoundedBasis rounded = RoundedBasis.of(la, settings.format(), directions);
    try (Matrix basis = rounded.matrix();
        Dictionary columns = dictionary.apply(basis)) {
      return encodeAllowed(columns, least);
    }
  }

  private Attempt encodeAllowed(Dictionary dictionary, int least) {
    boolean met =
        settings.limit().scope() == Scope.CLUSTER ? jointly(dictionary) : eachByItself(dictionary);
    return met && coded.size() >= least ? attempt(dictionary.basis()) : Attempt.none();
  }

  private double mostAllowed() {
    double most = settings.limit().value() * (1 - StoredFactors.SAFETY);
    return most * most;
  }

  private int[] allowed(int index) {
    return allowed.getOrDefault(index, new int[0]);
  }

  private boolean eachByItself(Dictionary dictionary) {
    double[] targets = new double[cluster.count()];
    boolean[] nothingLeft = new boolean[cluster.count()];
    Arrays.fill(targets, target);
    int[] pending = allowed.keySet().stream().mapToInt(Integer::intValue).toArray();
    for (int repair = 0; repair <= MAX_REPAIRS && pending.length > 0; repair++) {
      List<Integer> again = new ArrayList<>();
      for (Batch batch : batches(pending)) {
        try (LeastSquares solved = LeastSquares.of(la, batch, dictionary, this::allowed)) {
          double[] outside = solved.outside(la, cluster, batch);
          Squares squares = Squares.of(batch, solved);
          int at = 0;
          for (int i = 0; i < batch.size(); i++) {
            double budget = targets[batch.index(i)] * cluster.energy(batch.index(i)) - outside[i];
            int end = at + solved.basis().columns() * batch.columns(i);
            nothingLeft[batch.index(i)] = !dropSmallest(squares, at, end, budget);
            at = end;
          }
          encode(batch, solved);
        }
        for (int i = 0; i < batch.size(); i++) {
          int index = batch.index(i);
          Coded found = coded(index);
          double square = found.measured.deciding() * found.measured.deciding();
          if (square <= mostAllowed()) {
            if (bytes(found) > cluster.members().get(index).loneCost() * size()) {
              coded.remove(index);
            }
            continue;
          }
          coded.remove(index);
          targets[index] -= (square - mostAllowed()) * (1 << repair);
          if (targets[index] > 0 && !nothingLeft[index]) {
            again.add(index);
            settings.repairs().count(Way.ENTRIES, 1);
          } else {
            settings.repairs().count(Way.ALONE, 1);
          }
        }
      }
      pending = again.stream().mapToInt(Integer::intValue).toArray();
    }
    return true;
  }

  private boolean jointly(Dictionary dictionary) {
    int[] all = allowed.keySet().stream().mapToInt(Integer::intValue).toArray();
    double energy = 0;
    for (int j : all) {
      energy += cluster.share(j) * cluster.energy(j);
    }
    if (energy == 0) {
      return false;
    }
    double outside = 0;
    SmallestOfAll smallest = new SmallestOfAll();
    for (Batch batch : batches(all)) {
      try (LeastSquares solved = LeastSquares.of(la, batch, dictionary, this::allowed)) {
        double[] rest = solved.outside(la, cluster, batch);
        Squares squares = Squares.of(batch, solved);
        int at = 0;
        for (int i = 0; i < batch.size(); i++) {
          double share = cluster.share(batch.index(i)) / energy;
          outside += rest[i] * share;
          for (int end = at + solved.basis().columns() * batch.columns(i); at < end; at++) {
            smallest.add(squares.values[at] * share);
          }
        }
      }
    }
    if (smallest.kept(target - outside)
        > mostNumbers - (double) dictionary.basis().rows() * dictionary.basis().columns()) {
      return false;
    }
    double within = target;
    for (int repair = 0; repair <= MAX_REPAIRS && within > outside; repair++) {
      double threshold = smallest.largestOf(within - outside) * energy;
      double lost = 0;
      for (Batch batch : batches(all)) {
        try (LeastSquares solved = LeastSquares.of(la, batch, dictionary, this::allowed)) {
          Squares squares = Squares.of(batch, solved);
          int at = 0;
          for (int i = 0; i < batch.size(); i++) {
            int end = at + squares.rows * batch.columns(i);
            dropBelow(squares, at, end, threshold / cluster.share(batch.index(i)));
            at = end;
          }
          encode(batch, solved);
        }
        for (int i = 0; i < batch.size(); i++) {
          int index = batch.index(i);
          double error = coded(index).measured.deciding();
          lost += error * error * cluster.share(index) * cluster.energy(index) / energy;
        }
      }
      if (lost <= mostAllowed()) {
        return true;
      }
      within -= (lost - mostAllowed()) * (1 << repair);
      settings.repairs().count(Way.ENTRIES, all.length);
    }
    return false;
  }

  /** Blocks with directions of their own are worked on one by one, or products would be large. */
  private List<Batch> batches(int[] indices) {
    int[] own = Arrays.stream(indices).filter(j -> allowed(j).length > shared).toArray();
    int[] others = Arrays.stream(indices).filter(j -> allowed(j).length <= shared).toArray();
    List<Batch> batches = new ArrayList<>(cluster.batches(others));
    Arrays.stream(own).forEach(j -> batches.add(cluster.single(j)));
    return batches;
  }

  private Coded coded(int index) {
    Coded found = coded.get(index);
    if (found == null) {
      throw new IllegalStateException("block " + index + " was not encoded");
    }
    return found;
  }

  /**
   * Sets the smallest of some coefficients to 0 as long as their energy fits into the budget.
   *
   * @return whether there was any that was not 0
   */
  private static boolean dropSmallest(Squares squares, int from, int to, double budget) {
    SmallestValues smallest = SmallestValues.within(budget, squares.values, from, to);
    // Of equal ones either all are dropped or none.
    dropBelow(squares, from, to, smallest.next());
    return smallest.sum() > 0;
  }

  private static void dropBelow(Squares squares, int from, int to, double threshold) {
    for (int i = from; i < to; i++) {
      // No branch, since nobody can foresee it.
      long kept = squares.values[i] < threshold ? 0 : -1L;
      squares.c[i] = Double.longBitsToDouble(Double.doubleToRawLongBits(squares.c[i]) & kept);
    }
  }

  /**
   * What leaving out single coefficients adds to the squared error.
   *
   * @param c rows numbers for each column
   * @param values for each of them
   */
  private record Squares(double[] c, int rows, double[] values) {
    static Squares of(Batch batch, LeastSquares solved) {
      double[] c = solved.c();
      int rows = solved.basis().columns();
      double[] factors = batch.columnFactors();
      double[] values = new double[c.length];
      int i = 0;
      for (double factor : factors) {
        for (int end = i + rows; i < end; i++) {
          double weighted = c[i] == 0 ? 0 : c[i] * factor;
          values[i] = weighted * weighted;
        }
      }
      return new Squares(c, rows, values);
    }
  }

  private void encode(Batch batch, LeastSquares solved) {
    int r = solved.basis().columns();
    int[][] used = new int[batch.size()][];
    int at = 0;
    for (int i = 0; i < used.length; i++) {
      // The bits of all but the sign, since the alternative is a branch that nobody can foresee.
      long[] any = new long[r];
      for (int end = at + r * batch.columns(i); at < end; at += r) {
        for (int k = 0; k < r; k++) {
          any[k] |= Double.doubleToRawLongBits(solved.c()[at + k]) << 1;
        }
      }
      used[i] = Arrays.stream(solved.rows()[i]).filter(k -> any[k] != 0).toArray();
    }
    List<Measured> blocks = factors.encodeBatch(batch, solved, i -> used[i]);
    for (int i = 0; i < used.length; i++) {
      int index = batch.index(i);
      int[] ofBasis = allowedOfBatch(batch, i, solved.rows()[i], used[i]);
      coded.put(index, new Coded(ofBasis, blocks.get(i)));
    }
  }

  /** Numbers within the batch's basis to those of the dictionary. */
  private int[] allowedOfBatch(Batch batch, int i, int[] rows, int[] used) {
    int[] dictionary = allowed(batch.index(i));
    return Arrays.stream(used).map(k -> dictionary[Arrays.binarySearch(rows, k)]).toArray();
  }

  private int size() {
    return settings.format().sizeBytes();
  }

  private static long bytes(Coded block) {
    return block.measured.block().coefficients().length;
  }

  private Attempt attempt(Matrix basis) {
    Attempt attempt =
        factors.packed(
            basis,
            coded.values().stream().map(Coded::rows).toList(),
            coded.values().stream().map(Coded::measured).toList());
    return attempt.rank() > settings.rankLimit() ? Attempt.none() : attempt;
  }

  /** Counts energies up to 1 in classes of 0.8 % width. */
  private static final class SmallestOfAll {
    private static final int DROPPED_BITS = 16;
    private static final int LAST = Float.floatToIntBits(1f) >>> DROPPED_BITS;
    private final double[] energies = new double[LAST + 1];
    private final long[] counts = new long[LAST + 1];

    void add(double energy) {
      int place = place(energy);
      energies[place] += energy;
      counts[place]++;
    }

    /** At least so many have to stay. */
    long kept(double budget) {
      double sum = 0;
      int at = 0;
      while (at <= LAST && sum + energies[at] <= budget) {
        sum += energies[at++];
      }
      return Arrays.stream(counts).skip(at + 1L).sum();
    }

    private static int place(double energy) {
      return Math.min(LAST, Float.floatToIntBits((float) energy) >>> DROPPED_BITS);
    }

    /** Energies below this one have a sum within the budget, as nearly as classes tell. */
    double largestOf(double budget) {
      double sum = 0;
      int at = 0;
      while (at <= LAST && sum + energies[at] <= budget) {
        sum += energies[at++];
      }
      if (at > LAST) {
        return Double.POSITIVE_INFINITY;
      }
      double from = Float.intBitsToFloat(at << DROPPED_BITS);
      double to = Float.intBitsToFloat((at + 1) << DROPPED_BITS);
      return from + (to - from) * Math.max(0, budget - sum) / energies[at];
    }
  }
}
