package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.SparsePlan.Use;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.factor.RepairTally.Way;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.factor.StoredFactors.Measured;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Rounds the factors of a {@link RaggedPlan}, measures them, and gives blocks more rows where the
 * limit is missed.
 *
 * <p>The dictionary is rounded first. A block's coefficients are those of {@link LeastSquares} on
 * the columns that it uses; those of narrow blocks are found many at a time.
 */
final class RaggedFactors {

  /** How often blocks that miss the limit get more rows. */
  private static final int MAX_REPAIRS = 8;

  /** Blocks of more columns are worked on one by one, each with the directions that it uses. */
  private static final int NARROW = 16;

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final Cluster cluster;
  private final StoredFactors factors;
  private final Projections projections;

  /** The rows that each block keeps, by its index in the cluster; only those that share. */
  private final NavigableMap<Integer, int[]> kept = new TreeMap<>();

  private final Map<Integer, Measured> encoded = new HashMap<>();

  /** The joint basis' number of the first directions of the dictionary; the others are own ones. */
  private final int[] shared;

  private RaggedFactors(
      LinearAlgebra la,
      EncoderSettings settings,
      Cluster cluster,
      StoredFactors factors,
      Projections projections,
      int[] shared) {
    this.la = la;
    this.settings = settings;
    this.cluster = cluster;
    this.factors = factors;
    this.projections = projections;
    this.shared = shared;
  }

  /**
   * Encodes a plan.
   *
   * @param factors of the same cluster
   * @param vectors the joint basis that the plan was made for
   * @return nothing if fewer than two members meet the limit
   */
  static Attempt encode(
      LinearAlgebra la,
      EncoderSettings settings,
      Cluster cluster,
      StoredFactors factors,
      Projections projections,
      Matrix vectors,
      RaggedPlan plan) {
    RaggedFactors ragged =
        new RaggedFactors(la, settings, cluster, factors, projections, plan.plan().directions());
    try (Matrix directions = ragged.dictionary(vectors, plan)) {
      RoundedBasis rounded = RoundedBasis.of(la, settings.format(), directions);
      try (Matrix basis = rounded.matrix();
          Dictionary dictionary =
              plan.hasOwn()
                  ? Dictionary.of(la, basis)
                  : Dictionary.of(la, basis, vectors, projections)) {
        return ragged.encode(dictionary, 2);
      }
    }
  }

  /**
   * Encodes on a basis that is stored already.
   *
   * @param factors of the same cluster and basis
   * @param projections on the basis' directions
   * @param dictionary the usable columns of the basis; stays the caller's
   * @param kept the usable columns that each member keeps, of those that share
   * @return nothing if no member meets the limit
   */
  static Attempt encode(
      LinearAlgebra la,
      EncoderSettings settings,
      Cluster cluster,
      StoredFactors factors,
      Projections projections,
      Dictionary dictionary,
      Map<Integer, int[]> kept) {
    RaggedFactors ragged =
        new RaggedFactors(
            la, settings, cluster, factors, projections, KeptRows.all(projections.directions()));
    ragged.kept.putAll(kept);
    return ragged.encode(dictionary, 1);
  }

  /** The directions that somebody uses; notes which block keeps which of them. */
  private Matrix dictionary(Matrix vectors, RaggedPlan plan) {
    int[] number = new int[vectors.columns()];
    for (int i = 0; i < shared.length; i++) {
      number[shared[i]] = i;
    }
    int next = shared.length;
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> parts = new ArrayList<>();
      parts.add(scope.own(la.selectColumns(vectors, shared)));
      Matrix leading = scope.own(la.columns(vectors, 0, plan.shared()));
      OwnDirections directions = new OwnDirections(la, cluster, leading);
      for (int j = 0; j < cluster.count(); j++) {
        Optional<Use> use = plan.plan().uses().get(j);
        if (use.isEmpty()) {
          continue;
        }
        IntStream rows = Arrays.stream(use.get().rows()).map(i -> number[i]);
        int own = use.get().own();
        if (own > 0) {
          parts.add(scope.own(directions.vectors(j, own)));
        }
        kept.put(j, IntStream.concat(rows, IntStream.range(next, next + own)).toArray());
        next += own;
      }
      return la.concatenate(parts);
    }
  }

  /**
   * @param least how many members there must be in the end
   */
  private Attempt encode(Dictionary dictionary, int least) {
    int[] pending = members();
    for (int repair = 0; pending.length > 0; repair++) {
      for (Batch batch : batches(pending)) {
        List<Measured> blocks = encode(batch, dictionary);
        for (int i = 0; i < blocks.size(); i++) {
          encoded.put(batch.index(i), blocks.get(i));
        }
      }
      pending =
          settings.limit().scope() == Scope.CLUSTER
              ? mendJointly(1 << repair)
              : mendEach(pending, repair);
      if (repair == MAX_REPAIRS && pending.length > 0) {
        return Attempt.none();
      }
    }
    return members().length < least ? Attempt.none() : attempt(dictionary.basis());
  }

  private int[] members() {
    return kept.keySet().stream().mapToInt(Integer::intValue).toArray();
  }

  private double allowed() {
    return settings.limit().value() * (1 - StoredFactors.SAFETY);
  }

  private List<Batch> batches(int[] indices) {
    List<Batch> batches = new ArrayList<>();
    int[] narrow =
        Arrays.stream(indices).filter(j -> cluster.members().get(j).columns() <= NARROW).toArray();
    batches.addAll(cluster.batches(narrow));
    Arrays.stream(indices)
        .filter(j -> cluster.members().get(j).columns() > NARROW)
        .forEach(j -> batches.add(cluster.single(j)));
    return batches;
  }

  private int[] kept(int index) {
    return Objects.requireNonNull(kept.get(index));
  }

  private Measured encoded(int index) {
    return Objects.requireNonNull(encoded.get(index));
  }

  private List<Measured> encode(Batch batch, Dictionary dictionary) {
    try (LeastSquares solved = LeastSquares.of(la, batch, dictionary, this::kept)) {
      return factors.encodeBatch(batch, solved, i -> solved.rows()[i]);
    }
  }

  /** Gives each block that misses the limit more rows; those for which there are none leave. */
  private int[] mendEach(int[] pending, int repair) {
    List<Integer> again = new ArrayList<>();
    for (int j : pending) {
      double error = encoded(j).deciding();
      if (error <= allowed()) {
        continue;
      }
      double missing = (error * error - allowed() * allowed()) * cluster.energy(j);
      int[] rows = more(j, missing, 1 << repair);
      long cost = rows.length * cluster.members().get(j).columns();
      if (rows.length > kept(j).length
          && repair < MAX_REPAIRS
          && cost <= cluster.members().get(j).loneCost()) {
        kept.put(j, rows);
        again.add(j);
        settings.repairs().count(Way.ROWS, 1);
      } else {
        kept.remove(j);
        settings.repairs().count(Way.ALONE, 1);
      }
    }
    return again.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * The rows of a block and its largest others, until they hold the energy that is missing.
   *
   * @param least so many at least, if there are
   */
  private int[] more(int index, double missing, int least) {
    int[] rows = kept(index);
    double[] captured = projections.captured(index, projections.directions());
    int[] others =
        IntStream.range(0, shared.length)
            .filter(i -> Arrays.binarySearch(rows, i) < 0)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> -captured[shared[i]]))
            .mapToInt(Integer::intValue)
            .toArray();
    double sum = 0;
    int count = 0;
    while (count < others.length && (count < least || sum < missing)) {
      sum += captured[shared[others[count++]]];
    }
    return IntStream.concat(Arrays.stream(rows), Arrays.stream(others).limit(count))
        .sorted()
        .toArray();
  }

  private record Row(int block, int row, double energy, double energyPerNumber) {}

  /** Adds the rows that hold most for their numbers, if the joint limit is missed. */
  private int[] mendJointly(int least) {
    double lost = 0;
    double energy = 0;
    List<Row> others = new ArrayList<>();
    for (int j : members()) {
      double own = cluster.share(j) * cluster.energy(j);
      energy += own;
      lost += own * encoded(j).deciding() * encoded(j).deciding();
    }
    double missing = lost - allowed() * allowed() * energy;
    if (missing <= 0) {
      return new int[0];
    }
    for (int j : members()) {
      double[] captured = projections.captured(j, projections.directions());
      for (int i = 0; i < shared.length; i++) {
        double each = captured[shared[i]] * cluster.share(j);
        if (each > 0 && Arrays.binarySearch(kept(j), i) < 0) {
          others.add(new Row(j, i, each, each / cluster.members().get(j).columns()));
        }
      }
    }
    others.sort(
        Comparator.comparingDouble((Row each) -> -each.energyPerNumber)
            .thenComparingInt(Row::block)
            .thenComparingInt(Row::row));
    double sum = 0;
    int count = 0;
    while (count < others.size() && (count < least || sum < missing)) {
      Row each = others.get(count++);
      sum += each.energy;
      kept.put(
          each.block,
          IntStream.concat(Arrays.stream(kept(each.block)), IntStream.of(each.row))
              .sorted()
              .toArray());
    }
    if (count == 0) {
      // All are tried again in vain, and given up in the end.
      return members();
    }
    int[] again = others.stream().limit(count).mapToInt(Row::block).distinct().sorted().toArray();
    settings.repairs().count(Way.ROWS, again.length);
    return again;
  }

  private Attempt attempt(Matrix basis) {
    return factors.packed(
        basis, kept.values().stream().toList(), kept.keySet().stream().map(this::encoded).toList());
  }
}
