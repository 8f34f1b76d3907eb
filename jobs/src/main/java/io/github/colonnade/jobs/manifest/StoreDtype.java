package io.github.colonnade.jobs.manifest;

/** The number format of stored bases and coefficients. */
public enum StoreDtype implements Keyed {
  /** The format of the block that is stored. */
  SOURCE("source"),
  F64("f64"),
  F32("f32"),
  F16("f16"),
  BF16("bf16");

  private final String key;

  StoreDtype(String key) {
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
