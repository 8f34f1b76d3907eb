package io.github.colonnade.jobs.verify;

import java.util.List;

/**
 * What was measured of a {@link CheckItem}, or of all of them.
 *
 * @param ordinal that of the item
 * @param lines the first lines about what is wrong
 * @param findings how many there are
 * @param blocks the blocks that were measured or compared
 * @param maxBlockError the largest error of a block
 * @param maxClusterError the largest joint error of the clusters that were complete
 * @param collection sums over all blocks that were to be compressed
 * @param incomplete sums of clusters of which other pieces are elsewhere
 */
record Measurement(
    long ordinal,
    List<String> lines,
    long findings,
    long blocks,
    double maxBlockError,
    double maxClusterError,
    CollectionSum collection,
    List<ClusterSum> incomplete) {

  static final Measurement NOTHING =
      new Measurement(0, List.of(), 0, 0, 0, 0, CollectionSum.ZERO, List.of());
}
