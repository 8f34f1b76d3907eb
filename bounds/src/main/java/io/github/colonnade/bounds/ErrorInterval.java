package io.github.colonnade.bounds;

import java.util.Objects;

/**
 * An interval that holds the error of the best rank-r approximation, with the proof of each side.
 *
 * <p>{@code lower ≤ e_r(M) ≤ upper}, where e<sub>r</sub>(M) = √(tail<sub>r</sub>(M) / ‖M‖²) is
 * relative and in the Frobenius norm. The sides hold up to the rounding of the energies they were
 * computed from; see {@link ErrorBounds}.
 *
 * @param lower no rank-r approximation has a smaller error
 * @param upper some rank-r approximation has an error this small
 * @param lowerProof what proved {@code lower}
 * @param upperProof what proved {@code upper}
 */
public record ErrorInterval(double lower, double upper, Proof lowerProof, Proof upperProof) {

  private static final double CROSSING = 1e-12;

  private static final ErrorInterval UNKNOWN =
      new ErrorInterval(0, 1, Proof.TRIVIAL, Proof.TRIVIAL);

  /**
   * Checks the interval. Sides that cross by no more than 1e-12 of {@code upper} are taken for
   * rounding, and {@code lower} is set to {@code upper}.
   *
   * @throws IllegalArgumentException unless 0 ≤ lower ≤ upper ≤ 1
   */
  public ErrorInterval {
    if (lower > upper && lower - upper <= CROSSING * upper) {
      lower = upper;
    }
    if (!(0 <= lower && lower <= upper && upper <= 1)) {
      throw new IllegalArgumentException(
          "error interval [" + lower + ", " + upper + "] is not an interval within [0, 1]");
    }
    Objects.requireNonNull(lowerProof, "lowerProof");
    Objects.requireNonNull(upperProof, "upperProof");
  }

  /** [0, 1]: all that is known before any work is done. */
  public static ErrorInterval unknown() {
    return UNKNOWN;
  }

  /** The interval that holds {@code error} alone. */
  public static ErrorInterval exact(double error) {
    return new ErrorInterval(error, error, Proof.EXACT, Proof.EXACT);
  }

  /**
   * The intersection: the larger lower side and the smaller upper side, each with its own proof. On
   * equal sides this interval's proof is kept.
   *
   * <p>Two intervals for the same blocks and rank always intersect, except for rounding. The square
   * of an error is an energy fraction, so when the squares of the sides cross by at most 1e-4, the
   * largest rounding expected of energies, the sides trade places: both claims are then weaker than
   * what was proved, hence still true, and neither an acceptance nor a rejection rests on rounding.
   *
   * @throws IllegalArgumentException if the intervals contradict each other
   */
  public ErrorInterval meet(ErrorInterval other) {
    ErrorInterval low = other.lower > lower ? other : this;
    ErrorInterval high = other.upper < upper ? other : this;
    double newLower = low.lower;
    double newUpper = high.upper;
    if (newLower > newUpper) {
      if (newLower * newLower - newUpper * newUpper > Energies.ROUNDING) {
        throw new IllegalArgumentException(this + " and " + other + " do not intersect");
      }
      newLower = high.upper;
      newUpper = low.lower;
    }
    return new ErrorInterval(newLower, newUpper, low.lowerProof, high.upperProof);
  }

  /**
   * Accepts when {@code upper ≤ limit}, rejects when {@code lower > limit}.
   *
   * @param limit the largest error allowed, a number ≥ 0
   */
  public Decision decide(double limit) {
    Energies.requireLimit(limit);
    if (upper <= limit) {
      return Decision.ACCEPT;
    }
    return lower > limit ? Decision.REJECT : Decision.UNDECIDED;
  }
}
