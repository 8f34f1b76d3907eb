package io.github.colonnade.jobs.manifest;

/** A tensor that is not in the output, and why. */
public record RejectedEntry(String source, String tensor, String reason) {
  public RejectedEntry {
    Checks.text("source", source);
    Checks.length("tensor", tensor);
    Checks.text("reason", reason);
  }
}
