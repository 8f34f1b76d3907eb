package io.github.colonnade.jobs.manifest;

/** The precision of the matrix products; energies and decisions are always float64. */
public enum Precision implements Keyed {
  FLOAT32("float32"),
  FLOAT64("float64");

  private final String key;

  Precision(String key) {
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
