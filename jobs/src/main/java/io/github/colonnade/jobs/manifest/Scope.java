package io.github.colonnade.jobs.manifest;

/** What the error limit holds for. */
public enum Scope implements Keyed {
  /** Each block by itself. */
  BLOCK("block"),
  /** All blocks of a cluster together. */
  CLUSTER("cluster"),
  /** All blocks of the collection that are not passed through, together. */
  COLLECTION("collection");

  private final String key;

  Scope(String key) {
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
