package io.github.colonnade.connectors.source;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;

/**
 * What a watching source counts. All counters begin anew when it is restored. Their names are those
 * of {@code docs/metrics.md}.
 */
final class WatchMetrics {

  private final Counter seen;
  private final Counter late;
  private final Counter rewritten;
  private final Counter refused;
  private final Counter deleted;
  private volatile int openBatches;

  WatchMetrics(SplitEnumeratorMetricGroup group) {
    MetricGroup ours = group.addGroup("colonnade");
    MetricGroup files = ours.addGroup("files");
    this.seen = total(files, "seen");
    this.late = total(files, "late");
    this.rewritten = total(files, "rewritten");
    this.refused = total(files, "refused");
    this.deleted = total(files, "deleted");
    Gauge<Integer> open = () -> openBatches;
    ours.addGroup("batches").gauge("open", open);
  }

  private static Counter total(MetricGroup files, String what) {
    return files.addGroup(what).counter("total");
  }

  /** Files that were taken, refused ones among them. */
  void seen() {
    seen.inc();
  }

  /** Files that appeared with earlier times than files taken before, by more than the lateness. */
  void late(long files) {
    late.inc(files);
  }

  /** Files that were written again after they had been given. */
  void rewritten() {
    rewritten.inc();
  }

  /** Refusals, for any cause. */
  void refused() {
    refused.inc();
  }

  /** Files that were taken and are gone. */
  void deleted(long files) {
    deleted.inc(files);
  }

  /** Batches that still take tensors. */
  void openBatches(int batches) {
    openBatches = batches;
  }
}
