package io.github.colonnade.jobs.stored;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;

/** The number of each block among those of its cluster, in the order of the manifest, from 0. */
public final class MemberNumbers {

  // By identity: ids may be there twice in a manifest that is wrong.
  private final IdentityHashMap<BlockEntry, Integer> numbers = new IdentityHashMap<>();

  /** Numbers the blocks of a manifest. */
  public MemberNumbers(Manifest manifest) {
    Map<String, Integer> next = new HashMap<>();
    for (BlockEntry block : manifest.blocks()) {
      block.cluster().ifPresent(id -> numbers.put(block, next.merge(id, 1, Integer::sum) - 1));
    }
  }

  /**
   * The number of a block.
   *
   * @param block an entry of this manifest that is in a cluster
   */
  public int of(BlockEntry block) {
    Integer number = numbers.get(block);
    if (number == null) {
      throw new IllegalArgumentException("block " + block.id() + " is in no cluster");
    }
    return number;
  }
}
