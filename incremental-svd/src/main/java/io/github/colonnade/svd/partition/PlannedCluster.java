package io.github.colonnade.svd.partition;

import java.util.OptionalInt;
import org.roaringbitmap.RoaringBitmap;

/**
 * Blocks that a strategy put together.
 *
 * @param members positions in the family
 * @param sharedDirections how many directions of the joint basis the members had better share when
 *     each may add own ones; empty where the strategy has no opinion, and then nobody adds any
 */
public record PlannedCluster(RoaringBitmap members, OptionalInt sharedDirections) {

  /** A cluster without own directions. */
  public static PlannedCluster of(RoaringBitmap members) {
    return new PlannedCluster(members, OptionalInt.empty());
  }
}
