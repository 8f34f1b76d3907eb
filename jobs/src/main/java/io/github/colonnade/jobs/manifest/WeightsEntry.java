package io.github.colonnade.jobs.manifest;

import java.io.Serializable;

/**
 * The file with the weights of a run.
 *
 * @param source its absolute URI
 * @param sizeBytes its size
 * @param sha256 of its bytes, in lower-case hexadecimal digits
 */
public record WeightsEntry(String source, long sizeBytes, String sha256) implements Serializable {
  public WeightsEntry {
    Checks.text("source", source);
    Checks.atLeast("sizeBytes", 1, sizeBytes);
    Checks.sha256("sha256", sha256);
  }
}
