package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.auto.AutoStrategy.Extent;
import io.github.colonnade.svd.auto.Part.Cluster;
import io.github.colonnade.svd.auto.Part.Inside;
import io.github.colonnade.svd.auto.Part.Lone;
import io.github.colonnade.svd.auto.Part.Sample;
import io.github.colonnade.svd.auto.SharedCost.Weighted;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.sketch.Sketch;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * Partitions parts of a family by themselves, and merges what was found.
 *
 * <p>The blocks of a large family are divided into runs of neighbours. Each run is partitioned by
 * the default strategy, and of its clusters only sketches go on, with a few members each. Where
 * parts meet, clusters whose bases have much in common become one if that is cheaper, blocks that
 * were alone are offered to all clusters and then to each other. Parts of neighbours merge to a
 * part again, so they can be merged in any tree; the result depends on the tree and on nothing
 * else.
 *
 * <p>Costs are estimated by a few members of each cluster. What they decide costs space at most:
 * the encoder measures every block and lets go who is cheaper alone.
 *
 * <p>What a part holds is bounded, however many blocks it has: sketches beyond a number are left
 * out, the clusters of the fewest columns first, and their clusters are final.
 */
public final class PartPlanner {

  /** Members of a cluster that stand for all of them in trials. */
  static final int SAMPLES = 12;

  private final LinearAlgebra la;
  private final Precision precision;
  private final int rows;
  private final PartitionSettings settings;
  private final long openNumbers;
  private final DecisionTally decisions;

  /**
   * @param rows m
   * @param openNumbers how many numbers the matrices of clusters in a part may have, and as many
   *     those of blocks that are alone
   * @param decisions where it is counted what bounds say when parts are merged; those of {@link
   *     #partition} are counted where its family says
   */
  public PartPlanner(
      LinearAlgebra la,
      Precision precision,
      int rows,
      PartitionSettings settings,
      long openNumbers,
      DecisionTally decisions) {
    this.decisions = decisions;
    this.la = la;
    this.precision = precision;
    this.rows = rows;
    this.settings = settings;
    this.openNumbers = openNumbers;
  }

  /**
   * Partitions blocks by the default strategy.
   *
   * @param family the blocks; samples of the part are among its factors
   * @param scope for all other matrices of the part
   */
  public Part partition(Family family, MatrixScope scope) {
    ClusterSketcher sketcher = new ClusterSketcher(family, settings);
    List<Cluster> clusters = new ArrayList<>();
    List<Lone> lone = new ArrayList<>();
    for (PlannedCluster planned : new AutoStrategy().plan(family, settings, Extent.PART)) {
      int[] members = planned.members().toArray();
      if (members.length == 1) {
        BlockSketch block = family.block(members[0]);
        lone.add(new Lone(members[0], block.spectrum(), Optional.of(block)));
        continue;
      }
      Sketch sketch = sketcher.of(members);
      scope.own(sketch.basis());
      Inside inside = new Inside(sketch, samples(family, Weighted.once(members).thinned(SAMPLES)));
      clusters.add(
          new Cluster(
              planned.members(),
              planned.sharedDirections(),
              sketch.spectrum(),
              Optional.of(inside)));
    }
    lone.sort(Comparator.comparingInt(Lone::position));
    return bounded(family.size(), clusters, lone);
  }

  static List<Sample> samples(Family family, Weighted members) {
    return IntStream.range(0, members.positions().length)
        .mapToObj(i -> new Sample(family.block(members.positions()[i]), members.weights()[i]))
        .toList();
  }

  /**
   * Merges parts.
   *
   * @param parts of neighbouring runs of blocks, in the order of the blocks; their matrices stay
   *     open and are used by the result
   * @param scope for all other matrices of the result
   */
  public Part merge(List<Part> parts, MatrixScope scope) {
    List<Cluster> open = new ArrayList<>();
    List<Integer> origins = new ArrayList<>();
    List<Cluster> done = new ArrayList<>();
    List<Lone> lone = new ArrayList<>();
    int offset = 0;
    for (int p = 0; p < parts.size(); p++) {
      Part part = parts.get(p);
      for (Cluster cluster : part.clusters()) {
        Cluster moved = moved(cluster, offset);
        if (moved.inside().isPresent()) {
          open.add(moved);
          origins.add(p);
        } else {
          done.add(moved);
        }
      }
      for (Lone each : part.lone()) {
        lone.add(new Lone(each.position() + offset, each.spectrum(), each.block()));
      }
      offset += part.size();
    }
    PartMerge merge = new PartMerge(la, precision, rows, settings, decisions, scope);
    for (int i = 0; i < open.size(); i++) {
      merge.add(open.get(i), origins.get(i));
    }
    lone.forEach(merge::add);
    PartMerge.Result merged = merge.run();
    List<Cluster> clusters = new ArrayList<>(merged.clusters());
    clusters.addAll(done);
    clusters.sort(Comparator.comparingInt(each -> each.members().first()));
    return bounded(offset, clusters, merged.lone());
  }

  private static Cluster moved(Cluster cluster, int offset) {
    return new Cluster(
        RoaringBitmap.addOffset(cluster.members(), offset),
        cluster.sharedDirections(),
        cluster.spectrum(),
        cluster.inside());
  }

  /** Leaves out the sketches that are too many. */
  private Part bounded(int size, List<Cluster> clusters, List<Lone> lone) {
    long left = openNumbers;
    boolean[] kept = new boolean[clusters.size()];
    int[] largestFirst =
        IntStream.range(0, clusters.size())
            .filter(i -> clusters.get(i).inside().isPresent())
            .boxed()
            .sorted(Comparator.comparingLong(i -> -columns(clusters.get(i))))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i : largestFirst) {
      long numbers = clusters.get(i).inside().orElseThrow().numbers();
      if (numbers <= left) {
        left -= numbers;
        kept[i] = true;
      }
    }
    List<Cluster> bounded = new ArrayList<>();
    for (int i = 0; i < kept.length; i++) {
      Cluster each = clusters.get(i);
      bounded.add(
          kept[i]
              ? each
              : new Cluster(
                  each.members(), each.sharedDirections(), each.spectrum(), Optional.empty()));
    }
    return new Part(size, bounded, boundedLone(lone));
  }

  private static long columns(Cluster cluster) {
    return cluster.inside().orElseThrow().sketch().columns();
  }

  /** Blocks that stay open are spaced evenly. */
  private List<Lone> boundedLone(List<Lone> lone) {
    long numbers =
        lone.stream().flatMap(each -> each.block().stream()).mapToLong(this::numbers).sum();
    double share = numbers <= openNumbers ? 1 : (double) openNumbers / numbers;
    List<Lone> bounded = new ArrayList<>();
    double due = 0;
    for (Lone each : lone) {
      due += each.block().isPresent() ? share : 0;
      boolean keep = each.block().isPresent() && due >= 1 - 1e-9;
      due -= keep ? 1 : 0;
      bounded.add(keep ? each : new Lone(each.position(), each.spectrum(), Optional.empty()));
    }
    return bounded;
  }

  private long numbers(BlockSketch block) {
    return (long) rows * block.factor().columns();
  }
}
