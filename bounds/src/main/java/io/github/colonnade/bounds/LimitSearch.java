package io.github.colonnade.bounds;

import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Finds the least error limit at which something is small enough, by measuring its size at a few.
 *
 * <p>Sizes are taken to fall as the limit grows, and to be near a power of the limit where they are
 * not far apart; neither is relied on. Once a limit that is too small and one that is large enough
 * are known, the search goes on between them: at the limit that a power law expects, then beside
 * the one that was tried last, where the other side of the bracket had better be.
 *
 * <p>Not safe for use by several threads.
 */
public final class LimitSearch {

  /** The limit that was found is at most this many times one that is too small. */
  public static final double ACCURACY = 1.01;

  /** The largest limit that is tried. */
  public static final double LARGEST = 0.99;

  /** Below this limit only 0 is tried. */
  private static final double SMALLEST = 1e-9;

  /** The limit that is tried first, whatever is searched for. */
  public static final double FIRST = 0.1;

  /** The steps of the logarithm before there is a bracket. */
  private static final double FIRST_STEP = Math.log(4);

  private static final double LEAST_STEP = Math.log(1.5);
  private static final double MOST_STEP = Math.log(100);

  /** The share of the bracket that is left beside the limit that was tried last. */
  private static final double BESIDE = 0.1;

  private static final int MOST_TRIES = 20;

  private final double most;
  private final NavigableMap<Double, Double> tooLarge = new TreeMap<>();
  private final NavigableMap<Double, Double> smallEnough = new TreeMap<>();
  private int tries;
  private boolean lastFits;

  /**
   * @param most the size that is to be reached
   */
  public LimitSearch(double most) {
    this.most = most;
  }

  /**
   * Notes what came of a limit.
   *
   * @param size what was measured
   * @param fits whether that is small enough
   */
  public void add(double limit, double size, boolean fits) {
    (fits ? smallEnough : tooLarge).put(limit, Math.max(size, Double.MIN_NORMAL));
    lastFits = fits;
    tries++;
  }

  /** The least limit so far that is large enough. */
  public OptionalDouble found() {
    return smallEnough.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(smallEnough.firstKey());
  }

  /** The limit to try next; none when the search is over. */
  public OptionalDouble next() {
    if (tries == 0) {
      return OptionalDouble.of(FIRST);
    }
    if (tries >= MOST_TRIES) {
      return OptionalDouble.empty();
    }
    if (smallEnough.isEmpty()) {
      double largest = tooLarge.lastKey();
      return largest >= LARGEST
          ? OptionalDouble.empty()
          : OptionalDouble.of(
              Math.min(LARGEST, largest * Math.exp(step(tooLarge.descendingMap()))));
    }
    double high = smallEnough.firstKey();
    Double low = tooLarge.lowerKey(high);
    if (low == null) {
      return high == 0 ? OptionalDouble.empty() : OptionalDouble.of(below(high));
    }
    if (high <= Math.max(low, SMALLEST) * ACCURACY) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(between(low, high));
  }

  private double below(double high) {
    if (high <= SMALLEST) {
      return 0;
    }
    return Math.max(SMALLEST, high * Math.exp(-step(smallEnough)));
  }

  /**
   * How far to go beyond all limits that were tried, as a difference of logarithms: by a power law
   * through the outermost two, and a little more.
   *
   * @param sizes from the outermost limit inwards
   */
  private double step(NavigableMap<Double, Double> sizes) {
    if (sizes.size() < 2) {
      return FIRST_STEP;
    }
    double outer = sizes.firstKey();
    double inner = sizes.higherKey(outer);
    double slope = Math.log(size(sizes, outer) / size(sizes, inner)) / Math.log(outer / inner);
    double step = 1.2 * Math.abs(Math.log(most / size(sizes, outer)) / slope);
    return step >= LEAST_STEP ? Math.min(step, MOST_STEP) : LEAST_STEP;
  }

  private static double size(NavigableMap<Double, Double> sizes, double limit) {
    Double size = sizes.get(limit);
    return size == null ? Double.NaN : size;
  }

  private double between(double least, double high) {
    double low = Math.max(least, SMALLEST / ACCURACY);
    double width = Math.log(high / low);
    if (tries % 2 == 0) {
      double beside = Math.min(width / 2, Math.max(0.99 * Math.log(ACCURACY), BESIDE * width));
      return lastFits ? high * Math.exp(-beside) : low * Math.exp(beside);
    }
    double above = Math.log(size(tooLarge, least) / most);
    double under = Math.log(most / size(smallEnough, high));
    double share = above + under > 0 ? above / (above + under) : 0.5;
    double margin = Math.min(0.5, 0.5 * Math.log(ACCURACY) / width);
    return low * Math.exp(width * Math.max(margin, Math.min(1 - margin, share)));
  }
}
