package io.github.colonnade.svd.partition;

import java.util.List;
import org.roaringbitmap.RoaringBitmap;

/**
 * Divides the blocks of one family into clusters.
 *
 * <p>The result depends on the family and the settings only, never on time or threads.
 */
public interface PartitionStrategy {

  /** The name under which a user selects it. */
  String name();

  /**
   * A partition of the family: disjoint sets of positions in {@link Family#blocks()} that together
   * hold every position once, in the order in which the strategy found them.
   *
   * <p>Strategies decide by estimates. What is written is decided by measurement afterwards.
   */
  List<RoaringBitmap> partition(Family family, PartitionSettings settings);

  /** The same partition, with what the strategy knows about how each cluster is best stored. */
  default List<PlannedCluster> plan(Family family, PartitionSettings settings) {
    return partition(family, settings).stream().map(PlannedCluster::of).toList();
  }
}
