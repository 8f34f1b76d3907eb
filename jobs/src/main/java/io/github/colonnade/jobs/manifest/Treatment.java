package io.github.colonnade.jobs.manifest;

/** What became of a block. */
public enum Treatment implements Keyed {
  /** A member of a cluster of two blocks or more. */
  SHARED("shared"),
  /** A cluster of one, all of it in its factors. */
  ALONE("alone"),
  /** A cluster of one of which some columns are stored as they are, and factors for the others. */
  LOST("lost"),
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

  /** Whether the block has factors, and so a cluster. */
  public boolean isInCluster() {
    return this == SHARED || this == ALONE || this == LOST;
  }

  /** The key, so that the command line and error messages show it. */
  @Override
  public String toString() {
    return key;
  }
}
