package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.ErrorInterval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * The published greedy pass (arXiv 2601.11626), for any estimator and order.
 *
 * <p>Blocks are sorted by norm. A cluster begins with the largest ones that fit into r columns
 * together (always at least one), then takes the others one by one, smallest norm first or smallest
 * residual against the seed first, until one breaks the limit. After {@code patience} seeds in a
 * row that attracted nobody, the blocks that remain stay alone.
 *
 * <p>Unlike the published code, a seed of several blocks that attracts nobody stays a cluster (it
 * costs no error: its columns fit the rank) instead of losing its blocks; only at the end of the
 * patience its blocks stay alone like the rest.
 */
final class GreedyPass implements PartitionStrategy {

  /** In which order the blocks outside the seed are tried. */
  enum Order {
    /** Smallest norm first. */
    NORM,
    /** Smallest residual outside the seed's span first. */
    RESIDUAL
  }

  /** Makes the estimator of one cluster. */
  interface EstimatorFactory {
    ClusterEstimator create(Family family, PartitionSettings settings);
  }

  private final String name;
  private final Order order;
  private final EstimatorFactory estimators;

  GreedyPass(String name, Order order, EstimatorFactory estimators) {
    this.name = name;
    this.order = order;
    this.estimators = estimators;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<RoaringBitmap> partition(Family family, PartitionSettings settings) {
    List<RoaringBitmap> clusters = new ArrayList<>();
    Available available = Available.of(family);
    int idle = 0;
    try (Candidates candidates = candidates(ResidualOrder::of, family, available.all())) {
      while (available.count() > 0) {
        int seedSize = seedSize(family, available, settings.rank());
        int[] seed = available.largest(seedSize);
        Available others = available.without(seedSize);
        int[] accepted = attract(family, settings, candidates, seed, others);
        idle = accepted.length == 0 ? idle + 1 : 0;
        if (idle >= settings.patience()) {
          for (int each : available.all()) {
            clusters.add(RoaringBitmap.bitmapOf(each));
          }
          break;
        }
        RoaringBitmap cluster = RoaringBitmap.bitmapOf(seed);
        cluster.add(accepted);
        clusters.add(cluster);
        others.removeInPlace(accepted);
        available = others;
      }
    }
    return clusters;
  }

  /** Runs the estimator over a whole set of blocks, in this pass's order, without any limit. */
  ErrorInterval estimate(Family family, PartitionSettings settings) {
    Available all = Available.of(family);
    int seedSize = seedSize(family, all, settings.rank());
    Available others = all.without(seedSize);
    try (ClusterEstimator estimator = estimators.create(family, settings);
        Candidates candidates = candidates(ResidualOrder::once, family, others.all())) {
      estimator.start(blocks(family, all.largest(seedSize)));
      PrimitiveIterator.OfInt next = candidates.order(estimator, others);
      while (next.hasNext()) {
        estimator.extend(family.block(next.nextInt()));
      }
      return estimator.interval();
    }
  }

  private static List<BlockSketch> blocks(Family family, int[] positions) {
    return Arrays.stream(positions).mapToObj(family::block).toList();
  }

  private static int seedSize(Family family, Available available, int rank) {
    int size = 1;
    long columns = family.block(available.get(0)).columns();
    while (size < available.count()
        && columns + family.block(available.get(size)).columns() <= rank) {
      columns += family.block(available.get(size)).columns();
      size++;
    }
    return size;
  }

  private int[] attract(
      Family family,
      PartitionSettings settings,
      Candidates candidates,
      int[] seed,
      Available others) {
    IntStream.Builder accepted = IntStream.builder();
    long started = System.nanoTime();
    try (ClusterEstimator estimator = estimators.create(family, settings)) {
      estimator.start(blocks(family, seed));
      PrimitiveIterator.OfInt next = candidates.order(estimator, others);
      while (next.hasNext()) {
        int each = next.nextInt();
        Decision decision = estimator.offer(family.block(each), settings.limit().value());
        family.decisions().count(estimator.bound(), decision, 1);
        if (decision != Decision.ACCEPT) {
          break;
        }
        accepted.add(each);
      }
      family.decisions().took(estimator.bound(), started);
    }
    return accepted.build().toArray();
  }

  /** Gives the blocks outside a seed in the order in which they are tried. */
  private interface Candidates extends AutoCloseable {

    /**
     * @param estimator started with the seed
     */
    PrimitiveIterator.OfInt order(ClusterEstimator estimator, Available others);

    @Override
    default void close() {}
  }

  private Candidates candidates(
      BiFunction<Family, int[], ResidualOrder> byResidual, Family family, int[] blocks) {
    return switch (order) {
      case NORM -> (estimator, others) -> others.smallestFirst();
      case RESIDUAL -> {
        ResidualOrder residuals = byResidual.apply(family, blocks);
        yield new Candidates() {
          @Override
          public PrimitiveIterator.OfInt order(ClusterEstimator estimator, Available others) {
            return residuals.order(estimator.seedBasis(), others.all());
          }

          @Override
          public void close() {
            residuals.close();
          }
        };
      }
    };
  }
}
