package io.github.colonnade.jobs.metrics;

import java.util.List;
import java.util.Locale;

/** All meters of jobs. The table in {@code docs/metrics.md} has a row for each. */
public enum JobMeter {
  TENSORS_READ("colonnade.tensors.read", Kind.COUNTER),
  TENSORS_REJECTED("colonnade.tensors.rejected", Kind.COUNTER, "reason"),
  BYTES_READ("colonnade.bytes.read", Kind.COUNTER),
  BLOCKS_SKETCHED("colonnade.blocks.sketched", Kind.COUNTER),
  SKETCH("colonnade.sketch", Kind.TIMER),
  SKETCH_DIRECTIONS("colonnade.sketch.directions", Kind.DISTRIBUTION),
  BLOCKS_WAITING("colonnade.blocks.waiting", Kind.GAUGE),
  BLOCKS_ASSIGNED("colonnade.blocks.assigned", Kind.COUNTER, "company"),
  CLUSTERS_OPEN("colonnade.clusters.open", Kind.GAUGE),
  CLUSTERS_SEALED("colonnade.clusters.sealed", Kind.COUNTER),
  PARTITION("colonnade.partition", Kind.TIMER),
  DECISIONS("colonnade.decisions", Kind.COUNTER, "bound", "decision"),
  DECIDING("colonnade.deciding", Kind.TIME, "bound"),
  PRODUCTS("colonnade.products", Kind.TIME),
  PRODUCTS_FLOPS("colonnade.products.flops", Kind.COUNTER),
  PRODUCTS_RATE("colonnade.products.rate", Kind.GAUGE),
  DECOMPOSITIONS("colonnade.decompositions", Kind.TIME, "kind"),
  EIGENPROBLEMS_SIZE("colonnade.eigenproblems.size", Kind.DISTRIBUTION),
  DEVICES_USED("colonnade.devices.used", Kind.GAUGE),
  PAYLOAD_HELD("colonnade.payload.held.bytes", Kind.GAUGE),
  PAYLOAD_MOST("colonnade.payload.most.bytes", Kind.GAUGE),
  PAYLOAD_WAITING("colonnade.payload.waiting", Kind.GAUGE),
  PAYLOAD_WAITS("colonnade.payload.waits", Kind.COUNTER),
  ENCODE("colonnade.encode", Kind.TIMER),
  BLOCKS_STORED("colonnade.blocks.stored", Kind.COUNTER, "treatment"),
  CLUSTERS_STORED("colonnade.clusters.stored", Kind.COUNTER),
  NUMBERS_IN("colonnade.numbers.in", Kind.COUNTER),
  NUMBERS_STORED("colonnade.numbers.stored", Kind.COUNTER),
  BYTES_STORED("colonnade.bytes.stored", Kind.COUNTER),
  ERROR_PERCENT("colonnade.error.percent", Kind.DISTRIBUTION),
  CLUSTER_RANK("colonnade.cluster.rank", Kind.DISTRIBUTION),
  CLUSTER_BLOCKS("colonnade.cluster.blocks", Kind.DISTRIBUTION),
  REPAIRS("colonnade.repairs", Kind.COUNTER, "way"),
  CERTIFICATE_FAILURES("colonnade.certificate.failures", Kind.COUNTER),
  COMMIT("colonnade.commit", Kind.TIMER),
  BLOCKS_COMMITTED("colonnade.blocks.committed", Kind.COUNTER),
  BATCHES_PLANNED("colonnade.batches.planned", Kind.COUNTER),
  BATCHES_OPEN("colonnade.batches.open", Kind.GAUGE),
  FILES_SEEN("colonnade.files.seen", Kind.COUNTER),
  FILES_LATE("colonnade.files.late", Kind.COUNTER),
  FILES_REWRITTEN("colonnade.files.rewritten", Kind.COUNTER),
  FILES_REFUSED("colonnade.files.refused", Kind.COUNTER),
  FILES_DELETED("colonnade.files.deleted", Kind.COUNTER);

  /** What a meter measures. */
  public enum Kind {
    COUNTER,
    /** How often something was done, how long that took, and how long at most. */
    TIMER,
    /** As a timer, without the longest. */
    TIME,
    DISTRIBUTION,
    GAUGE;

    /** The names of the metrics that a meter is for Flink; a gauge has the last part of its own. */
    List<String> metrics() {
      return switch (this) {
        case COUNTER -> List.of("total");
        case TIMER -> List.of("seconds_count", "seconds_sum", "seconds_max");
        case TIME -> List.of("seconds_count", "seconds_sum");
        case DISTRIBUTION -> List.of("count", "sum", "max", "le_bucket");
        case GAUGE -> List.of();
      };
    }

    /** As the documentation calls it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final String id;
  private final Kind kind;
  private final String tags;

  JobMeter(String id, Kind kind, String... tags) {
    this.id = id;
    this.kind = kind;
    this.tags = String.join(" ", tags);
  }

  /** Micrometer's name: words with dots between them. */
  public String id() {
    return id;
  }

  public Kind kind() {
    return kind;
  }

  /** The keys of its tags, in the order in which they are part of Flink's names. */
  public List<String> tags() {
    return tags.isEmpty() ? List.of() : List.of(tags.split(" ", -1));
  }

  /** The names at Prometheus after the prefix for the scope, such as that of operators. */
  public List<String> exported() {
    String words = id.replace('.', '_');
    String path = tags.isEmpty() ? words : words + "_" + tags.replace(' ', '_');
    return kind == Kind.GAUGE
        ? List.of(words)
        : kind.metrics().stream().map(each -> path + "_" + each).toList();
  }
}
