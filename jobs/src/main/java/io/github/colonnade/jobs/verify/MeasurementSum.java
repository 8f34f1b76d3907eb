package io.github.colonnade.jobs.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Puts measurements together: their clusters, and the first of their findings, which are those of
 * the items with the lowest ordinals, in whatever order they come.
 */
final class MeasurementSum {
  private final Limit limit;
  private final TreeMap<Long, List<String>> lines = new TreeMap<>();
  private final Map<String, ClusterSum> clusters = new LinkedHashMap<>();
  private long findings;
  private long blocks;
  private double maxBlockError;
  private double maxClusterError;
  private CollectionSum collection = CollectionSum.ZERO;

  MeasurementSum(Limit limit) {
    this.limit = limit;
  }

  void add(Measurement part) {
    findings += part.findings();
    blocks += part.blocks();
    maxBlockError = Math.max(maxBlockError, part.maxBlockError());
    maxClusterError = Math.max(maxClusterError, part.maxClusterError());
    collection = collection.plus(part.collection());
    for (ClusterSum sum : part.incomplete()) {
      clusters.merge(sum.id(), sum, ClusterSum::plus);
    }
    if (!part.lines().isEmpty()) {
      lines.put(part.ordinal(), part.lines());
      dropLastLines();
    }
  }

  /** All that was added. A cluster whose members are not all there was told of before. */
  Measurement total() {
    List<String> first = new ArrayList<>();
    lines.values().forEach(first::addAll);
    Findings all = new Findings();
    all.addAll(first, findings);
    double max = maxClusterError;
    for (ClusterSum cluster : clusters.values()) {
      if (cluster.isComplete()) {
        max = Math.max(max, cluster.settle(limit, all));
      }
    }
    return new Measurement(
        0, all.lines(), all.count(), blocks, maxBlockError, max, collection, List.of());
  }

  private void dropLastLines() {
    int count = lines.values().stream().mapToInt(List::size).sum();
    while (count - lines.lastEntry().getValue().size() >= Findings.SHOWN) {
      count -= lines.pollLastEntry().getValue().size();
    }
  }
}
