package io.github.colonnade.jobs.manifest;

/**
 * A tensor, or a whole file, that is not in the output, and why.
 *
 * @param source the URI of the file
 * @param tensor the name of the tensor in that file; empty if all of the file was rejected (with
 *     {@link RejectionCause#NOT_FINITE} an empty name is that of a tensor)
 * @param cause the kind of reason
 * @param reason for people to read
 */
public record RejectedEntry(String source, String tensor, RejectionCause cause, String reason) {
  public RejectedEntry {
    Checks.text("source", source);
    Checks.length("tensor", tensor);
    Checks.text("reason", reason);
  }

  /** Whether this is about every tensor of the file. */
  public boolean isWholeFile() {
    return tensor.isEmpty() && cause != RejectionCause.NOT_FINITE;
  }
}
