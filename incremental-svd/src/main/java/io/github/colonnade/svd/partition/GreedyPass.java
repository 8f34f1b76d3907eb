package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
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
 * costs no error: its columns fit the rank) instead of losing its blocks.
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

  /** Columns multiplied at a time when residuals are computed for many blocks. */
  private static final int BATCH_COLUMNS = 4096;

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
    while (!available.isEmpty()) {
      int seedSize = seedSize(family, available, settings.rank());
      List<Integer> seed = available.subList(0, seedSize);
      List<Integer> accepted =
          attract(family, settings, seed, available.subList(seedSize, available.size()));
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
      available = available.stream().filter(each -> !cluster.contains(each)).toList();
    }
    return clusters;
  }

  /** Runs the estimator over a whole set of blocks, in this pass's order, without any limit. */
  ErrorInterval estimate(Family family, PartitionSettings settings) {
    List<Integer> all = byDescendingEnergy(family);
    int seedSize = seedSize(family, all, settings.rank());
    try (ClusterEstimator estimator = estimators.create(family, settings)) {
      estimator.start(all.subList(0, seedSize).stream().map(family::block).toList());
      for (int each : ordered(family, estimator.seedBasis(), all.subList(seedSize, all.size()))) {
        estimator.extend(family.block(each));
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
      Family family, PartitionSettings settings, List<Integer> seed, List<Integer> others) {
    List<Integer> accepted = new ArrayList<>();
    try (ClusterEstimator estimator = estimators.create(family, settings)) {
      estimator.start(seed.stream().map(family::block).toList());
      for (int each : ordered(family, estimator.seedBasis(), others)) {
        if (estimator.extend(family.block(each)).upper() > settings.limit().value()) {
          break;
        }
        accepted.add(each);
      }
    }
    return accepted;
  }

  private List<Integer> ordered(Family family, Matrix seedBasis, List<Integer> others) {
    if (order == Order.NORM) {
      List<Integer> reversed = new ArrayList<>(others);
      Collections.reverse(reversed);
      return reversed;
    }
    double[] residuals = residualEnergies(family, seedBasis, others);
    return IntStream.range(0, others.size())
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer i) -> residuals[i])
                .thenComparing((Integer i) -> others.get(i)))
        .map(others::get)
        .toList();
  }

  /** ‖(I − QQᵀ)F_j‖² + dropped energy of each block, by products over batches of blocks. */
  private static double[] residualEnergies(Family family, Matrix q, List<Integer> blocks) {
    LinearAlgebra la = family.algebra();
    double[] energies = new double[blocks.size()];
    int from = 0;
    while (from < blocks.size()) {
      List<Matrix> batch = new ArrayList<>();
      int columns = 0;
      int to = from;
      while (to < blocks.size() && (to == from || columns < BATCH_COLUMNS)) {
        Matrix factor = family.block(blocks.get(to)).factor();
        batch.add(factor);
        columns += factor.columns();
        to++;
      }
      try (MatrixScope scope = new MatrixScope()) {
        Matrix all = scope.own(la.concatenate(batch));
        double[] residuals = la.columnEnergies(scope.own(Estimators.residual(la, q, all)));
        int column = 0;
        for (int i = from; i < to; i++) {
          energies[i] = family.block(blocks.get(i)).spectrum().droppedEnergy();
          for (int end = column + batch.get(i - from).columns(); column < end; column++) {
            energies[i] += residuals[column];
          }
        }
      }
      from = to;
    }
    return energies;
  }
}
