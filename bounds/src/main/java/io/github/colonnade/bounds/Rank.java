package io.github.colonnade.bounds;

import java.util.OptionalInt;

/** Chooses the rank of a factorisation. */
public final class Rank {

  private Rank() {}

  /**
   * The least r ≥ 0 with tail<sub>r</sub> ≤ ε²·energy, by Eckart, Young and Mirsky the least rank
   * of an approximation with error ≤ ε when {@code s} is the spectrum of the matrix.
   *
   * <p>For a truncated sketch of M (see {@link ErrorBounds#incremental}) the dropped energy counts
   * as lost, so the rank is enough for M but may be larger than necessary.
   *
   * <p>The test is {@code s.error(r) <= limit}, in the arithmetic of {@link ErrorInterval#decide}:
   * the chosen rank is accepted there, and the rank below it is not.
   *
   * @param s the spectrum
   * @param limit ε ≥ 0
   * @return the rank, 0 when there is no energy, or empty when even all kept values miss the limit
   *     because too much was dropped
   */
  public static OptionalInt smallestFor(Spectrum s, double limit) {
    Energies.requireLimit(limit);
    if (s.error(s.size()) > limit) {
      return OptionalInt.empty();
    }
    int low = 0;
    int high = s.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (s.error(middle) <= limit) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return OptionalInt.of(low);
  }
}
