package io.github.colonnade.connectors.source;

import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;

/** What a watching source counts. All counters begin anew when it is restored. */
public final class WatchMetrics {

  /** Files that were taken, refused ones among them. */
  public static final String FILES_SEEN = "filesSeen";

  /** Files that appeared with earlier times than files taken before, by more than the lateness. */
  public static final String FILES_LATE = "filesLate";

  /** Files that were written again after they had been given. */
  public static final String FILES_REWRITTEN = "filesRewritten";

  /** Refusals, for any cause. */
  public static final String REFUSALS = "refusals";

  /** Files that were taken and are gone. */
  public static final String FILES_DELETED = "filesDeleted";

  private final Counter seen;
  private final Counter late;
  private final Counter rewritten;
  private final Counter refused;
  private final Counter deleted;

  WatchMetrics(SplitEnumeratorMetricGroup group) {
    this.seen = group.counter(FILES_SEEN);
    this.late = group.counter(FILES_LATE);
    this.rewritten = group.counter(FILES_REWRITTEN);
    this.refused = group.counter(REFUSALS);
    this.deleted = group.counter(FILES_DELETED);
  }

  void seen() {
    seen.inc();
  }

  void late(long files) {
    late.inc(files);
  }

  void rewritten() {
    rewritten.inc();
  }

  void refused() {
    refused.inc();
  }

  void deleted(long files) {
    deleted.inc(files);
  }
}
