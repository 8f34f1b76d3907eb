package io.github.colonnade.jobs.manifest;

/**
 * The interval that the error of a cluster was known to lie in when it was formed, before its
 * factors were rounded and measured.
 *
 * @param lower no method can do better at this rank
 * @param upper the best approximation of this rank is at most this far away
 * @param provedBy the name of the bound that proved the upper side
 */
public record BoundEntry(double lower, double upper, String provedBy) {
  public BoundEntry {
    Checks.measure("lower", lower);
    Checks.measure("upper", upper);
    if (lower > upper) {
      throw new IllegalArgumentException(
          "lower: expected at most upper, got " + lower + " > " + upper);
    }
    Checks.text("provedBy", provedBy);
  }
}
