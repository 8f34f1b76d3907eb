package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.manifest.Timings;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * When each stage first began and last ended, as seen so far; it travels with the records and is
 * joined where they meet. Times are milliseconds since 1970.
 */
public final class StageTimes implements Serializable {

  /** The stages of a run, in order. */
  public enum Stage {
    LIST(0),
    SKETCH(1),
    PARTITION(2),
    ENCODE(3);

    private final int index;

    Stage(int index) {
      this.index = index;
    }
  }

  private final long[] starts;
  private final long[] ends;

  private StageTimes(long[] starts, long[] ends) {
    this.starts = starts;
    this.ends = ends;
  }

  /** No stage has begun. */
  public static StageTimes none() {
    long[] starts = new long[Stage.values().length];
    long[] ends = new long[starts.length];
    Arrays.fill(starts, Long.MAX_VALUE);
    Arrays.fill(ends, Long.MIN_VALUE);
    return new StageTimes(starts, ends);
  }

  /** With one more span of a stage. */
  public StageTimes with(Stage stage, long start, long end) {
    StageTimes longer = new StageTimes(starts.clone(), ends.clone());
    int i = stage.index;
    longer.starts[i] = Math.min(starts[i], start);
    longer.ends[i] = Math.max(ends[i], end);
    return longer;
  }

  /** When each stage began in either and ended in either. */
  public StageTimes join(StageTimes other) {
    StageTimes joined = this;
    for (Stage stage : Stage.values()) {
      int i = stage.index;
      joined = joined.with(stage, other.starts[i], other.ends[i]);
    }
    return joined;
  }

  private double seconds(Stage stage) {
    int i = stage.index;
    return starts[i] > ends[i] ? 0 : (ends[i] - starts[i]) / 1e3;
  }

  /** How long each stage took, and all of them from start to end. */
  public Timings timings(long startMillis, long endMillis) {
    return new Timings(
        seconds(Stage.LIST),
        seconds(Stage.SKETCH),
        seconds(Stage.PARTITION),
        seconds(Stage.ENCODE),
        Math.max(0, endMillis - startMillis) / 1e3);
  }

  /** How long each stage took, and all from the first start to the last end. */
  public Timings timings() {
    long start = Arrays.stream(starts).min().orElse(0);
    long end = Arrays.stream(ends).max().orElse(0);
    return start > end ? timings(0, 0) : timings(start, end);
  }

  void write(DataOutputView out) throws IOException {
    for (int i = 0; i < starts.length; i++) {
      out.writeLong(starts[i]);
      out.writeLong(ends[i]);
    }
  }

  static StageTimes read(DataInputView in) throws IOException {
    StageTimes times = none();
    for (int i = 0; i < times.starts.length; i++) {
      times.starts[i] = in.readLong();
      times.ends[i] = in.readLong();
    }
    return times;
  }
}
