package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.manifest.Totals;
import java.io.Serializable;
import java.util.Locale;

/** What a run is to reach. */
public sealed interface Goal extends Serializable {

  /** Few numbers within an error limit. */
  record Limit() implements Goal {}

  /** Every cluster at a rank, whatever its error. */
  record Rank(int rank) implements Goal {}

  /** The least error limit whose output is of a size. */
  sealed interface Target extends Goal {

    /** The size that an output has, in the unit of the target. */
    double size(Totals totals);

    /** The largest size that reaches the target. */
    double most(Totals totals);

    /** Whether an output reaches the target. */
    boolean isReachedBy(Totals totals);

    /** The option with which it was given. */
    String option();

    /** The size of an output, to be read. */
    String shown(Totals totals);
  }

  /** A compression ratio of at least so much. */
  record Ratio(double ratio) implements Target {
    @Override
    public double size(Totals totals) {
      return Math.max(totals.numbersStored(), 1);
    }

    @Override
    public double most(Totals totals) {
      return totals.numbersIn() / ratio;
    }

    @Override
    public boolean isReachedBy(Totals totals) {
      return totals.compressionRatio() >= ratio;
    }

    @Override
    public String option() {
      return "--target-ratio";
    }

    @Override
    public String shown(Totals totals) {
      return String.format(Locale.ROOT, "a ratio of %.4g", totals.compressionRatio());
    }
  }

  /** At most so many bytes in all files of the output. */
  record Bytes(long bytes) implements Target {
    @Override
    public double size(Totals totals) {
      return totals.bytesStored();
    }

    @Override
    public double most(Totals totals) {
      return bytes;
    }

    @Override
    public boolean isReachedBy(Totals totals) {
      return totals.bytesStored() <= bytes;
    }

    @Override
    public String option() {
      return "--target-bytes";
    }

    @Override
    public String shown(Totals totals) {
      return totals.bytesStored() + " bytes";
    }
  }
}
