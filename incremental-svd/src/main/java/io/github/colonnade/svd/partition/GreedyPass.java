package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
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
    List<Integer> available = byDescendingEnergy(family);
    int idle = 0;
    try (Candidates candidates = candidates(family, available)) {
      while (!available.isEmpty()) {
        int seedSize = seedSize(family, available, settings.rank());
        List<Integer> seed = available.subList(0, seedSize);
        List<Integer> others = available.subList(seedSize, available.size());
        List<Integer> accepted = attract(family, settings, candidates, seed, others);
        if (accepted.isEmpty() && ++idle >= settings.patience()) {
          available.forEach(each -> clusters.add(RoaringBitmap.bitmapOf(each)));
          break;
        }
        if (!accepted.isEmpty()) {
          idle = 0;
        }
        RoaringBitmap cluster = new RoaringBitmap();
        seed.forEach(cluster::add);
        accepted.forEach(cluster::add);
        clusters.add(cluster);
        available = others.stream().filter(each -> !cluster.contains(each)).toList();
      }
    }
    return clusters;
  }

  /** Runs the estimator over a whole set of blocks, in this pass's order, without any limit. */
  ErrorInterval estimate(Family family, PartitionSettings settings) {
    List<Integer> all = byDescendingEnergy(family);
    int seedSize = seedSize(family, all, settings.rank());
    List<Integer> others = all.subList(seedSize, all.size());
    try (ClusterEstimator estimator = estimators.create(family, settings);
        Candidates candidates = candidates(family, others)) {
      estimator.start(all.subList(0, seedSize).stream().map(family::block).toList());
      Iterator<Integer> next = candidates.order(estimator.seedBasis(), others);
      while (next.hasNext()) {
        estimator.extend(family.block(next.next()));
      }
      return estimator.interval();
    }
  }

  private static List<Integer> byDescendingEnergy(Family family) {
    return IntStream.range(0, family.size())
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> family.block(i).energy()).reversed())
        .toList();
  }

  private static int seedSize(Family family, List<Integer> sorted, int rank) {
    int size = 1;
    long columns = family.block(sorted.get(0)).columns();
    while (size < sorted.size() && columns + family.block(sorted.get(size)).columns() <= rank) {
      columns += family.block(sorted.get(size)).columns();
      size++;
    }
    return size;
  }

  private List<Integer> attract(
      Family family,
      PartitionSettings settings,
      Candidates candidates,
      List<Integer> seed,
      List<Integer> others) {
    List<Integer> accepted = new ArrayList<>();
    long started = System.nanoTime();
    try (ClusterEstimator estimator = estimators.create(family, settings)) {
      estimator.start(seed.stream().map(family::block).toList());
      Iterator<Integer> next = candidates.order(estimator.seedBasis(), others);
      while (next.hasNext()) {
        int each = next.next();
        Decision decision = estimator.extend(family.block(each)).decide(settings.limit().value());
        family.decisions().count(estimator.bound(), decision, 1);
        if (decision != Decision.ACCEPT) {
          break;
        }
        accepted.add(each);
      }
      family.decisions().took(estimator.bound(), started);
    }
    return accepted;
  }

  /** Gives the blocks outside a seed in the order in which they are tried. */
  private interface Candidates extends AutoCloseable {

    /**
     * @param seedBasis m×k orthonormal, spans the seed
     * @param others by descending energy
     */
    Iterator<Integer> order(Matrix seedBasis, List<Integer> others);

    @Override
    default void close() {}
  }

  private Candidates candidates(Family family, List<Integer> blocks) {
    return switch (order) {
      case NORM -> (seedBasis, others) -> reversed(others);
      case RESIDUAL -> {
        ResidualOrder residuals = new ResidualOrder(family, blocks);
        yield new Candidates() {
          @Override
          public Iterator<Integer> order(Matrix seedBasis, List<Integer> others) {
            return residuals.order(seedBasis, others);
          }

          @Override
          public void close() {
            residuals.close();
          }
        };
      }
    };
  }

  private static Iterator<Integer> reversed(List<Integer> list) {
    ListIterator<Integer> at = list.listIterator(list.size());
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return at.hasPrevious();
      }

      @Override
      public Integer next() {
        return at.previous();
      }
    };
  }
}
