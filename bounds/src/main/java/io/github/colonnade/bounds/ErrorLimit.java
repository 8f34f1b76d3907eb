package io.github.colonnade.bounds;

import java.util.Objects;

/**
 * The largest relative Frobenius error that the user accepts, and for what it is promised.
 *
 * @param value ε, in [0, 1]; 0 asks for a factorisation without loss, and at 1 all may be lost
 * @param scope what each error is measured over
 */
public record ErrorLimit(double value, Scope scope) {

  /**
   * Checks the limit.
   *
   * @throws IllegalArgumentException if {@code value} is NaN or not in [0, 1]
   */
  public ErrorLimit {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("error limit " + value + " is not in [0, 1]");
    }
    Objects.requireNonNull(scope, "scope");
  }
}
