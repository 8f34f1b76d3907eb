package io.github.colonnade.jobs.plan;

/**
 * What a run chooses by itself for two-dimensional tensors, when it starts.
 *
 * @param orientation which way round they are taken
 * @param columns whether wide ones are cut into ranges of columns
 */
public record Undecided(boolean orientation, boolean columns) {

  /** All is as the view says. */
  public static final Undecided NOTHING = new Undecided(false, false);

  /** A matrix is wide if it has more than so many times as many columns as rows. */
  public static final int WIDE = 4;

  /** Ranges of columns have at least this many. */
  public static final long LEAST_COLUMNS = 32;

  /** Ranges of columns have at least the rows over this many columns. */
  public static final long ROWS_PER_COLUMN = 2;

  public boolean isNothing() {
    return !orientation && !columns;
  }

  /** The fewest columns that a range of a wide matrix is given. */
  public static long leastColumns(long rows) {
    return Math.max(LEAST_COLUMNS, rows / ROWS_PER_COLUMN);
  }
}
