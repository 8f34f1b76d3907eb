package io.github.colonnade.jobs.manifest;

/** What became of a block. */
public enum Treatment implements Keyed {
  /** A member of a cluster of two blocks or more. */
  SHARED("shared"),
  /** A cluster of one. */
  ALONE("alone"),
  /** A matrix that kept its numbers because nothing cheaper meets the limit. */
  RAW("raw"),
  /** A tensor that is not a matrix of the run and is copied bit for bit. */
  PASSTHROUGH("passthrough");

  private final String key;

  Treatment(String key) {
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
