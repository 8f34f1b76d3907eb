package io.github.colonnade.jobs.manifest;

/** What the factors of a low-rank part and whole columns are for. */
public enum LostMode implements Keyed {
  /** They approximate the matrix. */
  COMPRESS("compress"),
  /** A layer is trained from them; the columns are those of the matrix itself. */
  PRETRAIN("pretrain");

  private final String key;

  LostMode(String key) {
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
