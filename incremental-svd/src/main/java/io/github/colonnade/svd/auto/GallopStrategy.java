package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PartitionStrategy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * One {@link Gallop galloping} pass at the rank of the settings, as {@link AutoStrategy} makes
 * several to start from.
 *
 * <p>It takes a small part of the time and usually leaves more to store, since it tries neither
 * other ranks nor mergers nor moves nor own directions.
 */
public final class GallopStrategy implements PartitionStrategy {

  public static final String NAME = "gallop";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<RoaringBitmap> partition(Family family, PartitionSettings settings) {
    Blocks blocks = new Blocks(family, settings);
    int[] every = IntStream.range(0, blocks.count).toArray();
    List<RoaringBitmap> clusters = new ArrayList<>();
    RoaringBitmap alone = RoaringBitmap.bitmapOf(every);
    for (int[] members : new Gallop(blocks, settings.rank(), settings.patience()).run(every)) {
      RoaringBitmap cluster = RoaringBitmap.bitmapOf(members);
      clusters.add(cluster);
      alone.andNot(cluster);
    }
    alone.forEach((int j) -> clusters.add(RoaringBitmap.bitmapOf(j)));
    return clusters;
  }
}
