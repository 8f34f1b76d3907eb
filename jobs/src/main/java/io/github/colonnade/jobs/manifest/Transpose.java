package io.github.colonnade.jobs.manifest;

/** Whether 2-D tensors are taken transposed. */
public enum Transpose implements Keyed {
  /** As each shape is expected to take the fewest numbers. */
  AUTO("auto"),
  NEVER("never"),
  ALWAYS("always");

  private final String key;

  Transpose(String key) {
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
