package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.auto.CommonBasis.Seen;
import io.github.colonnade.svd.auto.SharedCost.Weighted;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PartitionStrategy;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.sketch.Sketch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * Which blocks of a family had better use bases that are stored already, and how the others are
 * grouped.
 *
 * <p>A basis that is stored costs nothing any more, so of a block on it only coefficients count:
 * the rows that it needs to meet the limit by itself, or its largest coefficients where these are
 * guessed to take fewer numbers. No basis whatever serves a block with fewer rows than it needs by
 * itself; where a stored one is nearly as good as that, the block joins it at once. The strategy
 * groups the others, and what it found is compared with the offers: members leave a cluster for an
 * offer that takes fewer numbers than they do there, and a cluster that then costs more than its
 * members apart, each on what serves it best, is dissolved.
 *
 * <p>All of this is estimated from sketches. What is written is decided by measurement afterwards.
 */
public final class BasisOffers implements AutoCloseable {

  /** The number of a basis where there is none. */
  public static final int NONE = -1;

  /** Coefficients on a stored basis over the fewest rows that any basis takes. */
  private static final double NEARLY_BEST = 1.1;

  /** A member leaves a cluster if that saves this share of what it takes there. */
  private static final double WORTHWHILE = 0.98;

  /** Leaving out single coefficients brings whole rows below this share at most, as a rule. */
  private static final double LEAST_SHARE = 0.5;

  /**
   * What was found best.
   *
   * @param bases by position: the number of the stored basis that a block joins, or {@link #NONE}
   * @param clusters the other blocks, each in one
   */
  public record Plan(int[] bases, List<PlannedCluster> clusters) {}

  private final Family family;
  private final PartitionSettings settings;
  private final Blocks blocks;
  private final CommonBasis guess;
  private final Batches all;
  private final double[] alone;
  private final double[] price;
  private final int[] home;
  private int offered;

  /**
   * @param family stays open; its factors are read until this is closed
   */
  public BasisOffers(Family family, PartitionSettings settings) {
    this.family = family;
    this.settings = settings;
    this.blocks = new Blocks(family, settings);
    this.guess = new CommonBasis(blocks);
    int[] every = IntStream.range(0, blocks.count).toArray();
    this.all = new Batches(blocks, every);
    this.alone = IntStream.of(every).mapToDouble(j -> guess.costAlone(j)).toArray();
    this.price = alone.clone();
    this.home = new int[blocks.count];
    Arrays.fill(home, NONE);
  }

  /**
   * Offers a basis; of equally good ones a block takes the first. Bases are numbered in the order
   * of these calls, from 0.
   *
   * @param directions an orthonormal basis of the space of the stored one: m×q FLOAT64, not
   *     modified
   * @param eligible the positions of the blocks that may use it
   */
  public void offer(Matrix directions, IntPredicate eligible) {
    int number = offered++;
    if (directions.columns() == 0) {
      return;
    }
    Answers answers = new Answers();
    double allowed = blocks.limit() * blocks.limit();
    try (Matrix q = blocks.la.cast(directions, blocks.precision)) {
      all.project(
          q,
          (j, captured, outside) -> {
            if (!eligible.test(j)) {
              return;
            }
            boolean serves = answers.serves(outside <= allowed * blocks.energies[j]);
            if (!serves) {
              return;
            }
            double here = coefficients(j, captured, outside, price[j]);
            if (here < price[j]) {
              home[j] = number;
              price[j] = here;
            }
          });
    }
    answers.countIn(blocks.decisions());
  }

  /** Leaves out the number of a basis that no block may use. */
  public void skip() {
    offered++;
  }

  /** What a block stores beside a basis; not exact where that is far above a price. */
  private double coefficients(int j, double[] captured, double outside, double least) {
    double rows = blocks.rowsNeeded(j, captured, outside) * (double) blocks.columns[j];
    return rows * LEAST_SHARE >= least
        ? rows
        : Math.min(rows, guess.inBasis(Seen.of(j, captured, outside), captured.length, j));
  }

  /**
   * What becomes of the blocks after all bases were offered.
   *
   * @param strategy for those that do not join a basis at once
   */
  public Plan plan(PartitionStrategy strategy) {
    int[] bases = new int[blocks.count];
    Arrays.fill(bases, NONE);
    for (int j = 0; j < blocks.count; j++) {
      double least = NEARLY_BEST * blocks.loneRanks[j] * blocks.columns[j];
      bases[j] = price[j] <= least ? home[j] : NONE;
    }
    int[] others = IntStream.range(0, blocks.count).filter(j -> bases[j] == NONE).toArray();
    List<PlannedCluster> clusters = new ArrayList<>();
    if (others.length > 0) {
      // The factors belong to the whole family.
      Family rest =
          new Family(
              family.algebra(),
              family.precision(),
              family.rows(),
              Arrays.stream(others).mapToObj(family::block).toList(),
              family.decisions());
      for (PlannedCluster found : strategy.plan(rest, settings)) {
        int[] members = found.members().stream().map(i -> others[i]).toArray();
        settle(members, found, bases).forEach(clusters::add);
      }
    }
    return new Plan(bases, clusters);
  }

  /** What is left of a cluster after members were given to bases. */
  private List<PlannedCluster> settle(int[] members, PlannedCluster found, int[] bases) {
    if (Arrays.stream(members).allMatch(j -> home[j] == NONE)) {
      return List.of(cluster(members, found));
    }
    if (members.length > 1) {
      int[] staying = staying(members, found);
      if (staying.length > 0) {
        Arrays.stream(members)
            .filter(j -> Arrays.binarySearch(staying, j) < 0)
            .forEach(j -> bases[j] = home[j]);
        return List.of(cluster(staying, found));
      }
    }
    List<PlannedCluster> apart = new ArrayList<>();
    for (int j : members) {
      bases[j] = home[j];
      if (home[j] == NONE) {
        apart.add(PlannedCluster.of(RoaringBitmap.bitmapOf(j)));
      }
    }
    return apart;
  }

  private static PlannedCluster cluster(int[] members, PlannedCluster found) {
    return new PlannedCluster(RoaringBitmap.bitmapOf(members), found.sharedDirections());
  }

  /** Who had better stay in a cluster, ascending; nobody if it had better be dissolved. */
  private int[] staying(int[] members, PlannedCluster found) {
    int[] tried = found.sharedDirections().stream().toArray();
    try (MatrixScope scope = new MatrixScope();
        Batches batches = new Batches(blocks, members)) {
      Sketch sketch = new ClusterSketcher(family, settings).of(members);
      scope.own(sketch.basis());
      SharedCost.Estimate estimate =
          new SharedCost(blocks).of(sketch, Weighted.once(members), tried);
      double cost = estimate.cost();
      int rank = estimate.rank();
      if (!estimate.own() && sketch.rank() > 0) {
        Seen seen = Seen.of(sketch.basis(), batches);
        for (int directions : CommonBasis.tried(sketch.rank())) {
          double entries =
              (double) directions * blocks.rows + guess.inBasis(seen, directions, members);
          if (entries < cost) {
            cost = entries;
            rank = directions;
          }
        }
      }
      boolean[] leaves = new boolean[blocks.count];
      if (!estimate.own() && rank > 0) {
        cost -= leaving(scope.own(blocks.la.columns(sketch.basis(), 0, rank)), batches, leaves);
      }
      int[] staying = Arrays.stream(members).filter(j -> !leaves[j]).toArray();
      double apart = Arrays.stream(staying).mapToDouble(j -> price[j]).sum();
      return staying.length > 1 && cost <= apart ? staying : new int[0];
    }
  }

  /**
   * Finds who takes fewer numbers on a stored basis than in a cluster.
   *
   * @param leaves is set for them
   * @return what they take in the cluster
   */
  private double leaving(Matrix basis, Batches batches, boolean[] leaves) {
    double allowed = blocks.limit() * blocks.limit();
    double[] saved = new double[1];
    batches.project(
        basis,
        (j, captured, outside) -> {
          double here =
              outside <= allowed * blocks.energies[j]
                  ? Math.min(alone[j], coefficients(j, captured, outside, Double.MAX_VALUE))
                  : alone[j];
          if (home[j] != NONE && price[j] < here * WORTHWHILE) {
            leaves[j] = true;
            saved[0] += here;
          }
        });
    return saved[0];
  }

  @Override
  public void close() {
    all.close();
  }
}
