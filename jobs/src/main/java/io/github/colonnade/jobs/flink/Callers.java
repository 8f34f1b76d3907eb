package io.github.colonnade.jobs.flink;

/** The methods that the calling thread is in. */
public final class Callers {

  private Callers() {}

  /** Whether one of them is of a class with this name. */
  public static boolean include(String className) {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(frame -> frame.getClassName().equals(className)));
  }
}
