package io.github.colonnade.svd.lost;

/** What a layer does with A·x before B. */
public enum Activation {
  /** Nothing: the low-rank part is linear. */
  NONE("none"),
  /** x ↦ x / (1 + e⁻ˣ). */
  SILU("silu");

  private final String key;

  Activation(String key) {
    this.key = key;
  }

  /** Its name in options and files. */
  @Override
  public String toString() {
    return key;
  }

  double apply(double x) {
    return this == NONE ? x : x / (1 + Math.exp(-x));
  }
}
