package io.github.colonnade.jobs.manifest;

/** The order in which the numbers of a tensor fill the matrix that it is viewed as. */
public enum Layout implements Keyed {
  /** Row by row. */
  ROW_MAJOR("row-major"),
  /** Column by column. */
  COLUMN_MAJOR("column-major");

  private final String key;

  Layout(String key) {
    this.key = key;
  }

  @Override
  public String key() {
    return key;
  }

  /** The key, so that the command line and error messages show it. */
  @Override
  public String toString() {
    return key;
  }
}
