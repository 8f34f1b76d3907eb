package io.github.colonnade.connectors.io;

/** What went wrong first. */
public final class RootCause {

  private RootCause() {}

  /** The last of the causes of a failure, or itself if it has none. */
  public static Throwable of(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }
}
