package io.github.colonnade.svd.lost;

/**
 * Which channels of W = U·diag(σ)·Vᵀ a layer keeps as whole columns: those with the largest value,
 * and of equal ones the first. The <b>complement</b> is the sum of the singular triples that the
 * low-rank part leaves out.
 */
public enum ChannelRule {
  /** The Euclidean norm of the column in the complement: the triples after the rank. */
  COMPLEMENT_L2("complement-l2"),
  /** The sum of the magnitudes of the column in the complement. */
  COMPLEMENT_L1("complement-l1"),
  /** The Euclidean norm of the column in the sum of the smallest triples. */
  SMALLEST("smallest"),
  /** The Euclidean norm of the column of W. */
  WEIGHT_L2("weight-l2"),
  /** Any channels, each set of the wanted size with equal probability. */
  RANDOM("random");

  private final String key;

  ChannelRule(String key) {
    this.key = key;
  }

  /** Its name in options and files. */
  @Override
  public String toString() {
    return key;
  }
}
