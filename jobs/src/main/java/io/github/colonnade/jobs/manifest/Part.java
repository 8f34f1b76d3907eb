package io.github.colonnade.jobs.manifest;

/** The columns {@code from} (inclusive) to {@code to} (exclusive) of the view of a tensor. */
public record Part(long from, long to) {
  public Part {
    Checks.atLeast("from", 0, from);
    Checks.atLeast("to", from + 1, to);
  }
}
