package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Spectrum;
import java.util.stream.IntStream;

/**
 * How many directions of a basis are found, and looked at.
 *
 * <p>Of a basis that has as many directions as the blocks have rows, most are noise that no block
 * will store, and finding them and projecting on them take most of the time. So a plan is made with
 * few, and with more where it might use them.
 */
final class FewDirections {

  /** So many times the directions that the joint error needs are found, and so many at least. */
  private static final int FOUND = 3;

  private static final int LEAST_FOUND = 48;

  /** First so many more than it needs are looked at, half as many again if that is more. */
  private static final int LOOKED_AT_MORE = 12;

  /** A plan that uses more than this share of what was looked at might use more still. */
  private static final double MOST_USED = 0.8;

  private final double limit;

  /**
   * @param limit the limit less what rounding is expected to add
   */
  FewDirections(ErrorLimit limit) {
    this.limit = limit.value();
  }

  /** The limit less what rounding is expected to add. */
  double limit() {
    return limit;
  }

  /** How many vectors are found at first. */
  int found(Spectrum spectrum) {
    return Math.min(spectrum.size(), Math.max(LEAST_FOUND, FOUND * needed(spectrum)));
  }

  /** How many to look at in turn, all of them last. */
  int[] lookedAt(Spectrum spectrum) {
    int needed = needed(spectrum);
    int few = needed + Math.max(LOOKED_AT_MORE, needed / 2);
    return IntStream.of(few, found(spectrum), spectrum.size())
        .map(each -> Math.min(each, spectrum.size()))
        .distinct()
        .toArray();
  }

  /** Whether a plan that uses so many of those that were looked at would not use more. */
  static boolean isEnough(int used, int directions) {
    return used <= MOST_USED * directions;
  }

  private int needed(Spectrum spectrum) {
    return Rank.smallestFor(spectrum, limit).orElse(spectrum.size());
  }
}
