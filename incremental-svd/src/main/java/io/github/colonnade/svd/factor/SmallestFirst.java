package io.github.colonnade.svd.factor;

/**
 * How many of the smallest energies fit into a budget, while energies and budget grow.
 *
 * <p>Energies are counted in classes of 6 % width, so that adding one and finding the answer again
 * takes a few steps. Within the class in which the budget ends its energies count as equal.
 */
final class SmallestFirst {

  /** Sign, exponent and the leading four bits of the fraction of a float are left. */
  private static final int DROPPED_BITS = 19;

  /** That of 1, the largest energy. */
  private static final int LAST = Float.floatToIntBits(1f) >>> DROPPED_BITS;

  private final long[] counts = new long[LAST + 1];
  private final double[] energies = new double[LAST + 1];

  /** What lies in the classes below {@link #at}. */
  private int at;

  private long below;
  private double energyBelow;
  private int least = LAST + 1;
  private int most = -1;

  /** The class of an energy from 0 to 1. */
  static int classOf(double energy) {
    return Math.min(LAST, Float.floatToIntBits((float) energy) >>> DROPPED_BITS);
  }

  /** Adds an energy from 0 to 1. */
  void add(double energy) {
    add(classOf(energy), 1, energy);
  }

  private void add(int place, long count, double energy) {
    counts[place] += count;
    energies[place] += energy;
    least = Math.min(least, place);
    most = Math.max(most, place);
    if (place < at) {
      below += count;
      energyBelow += energy;
    }
  }

  /** Adds all that another has. */
  void add(SmallestFirst other) {
    for (int i = other.least; i <= other.most; i++) {
      if (other.counts[i] > 0) {
        add(i, other.counts[i], other.energies[i]);
      }
    }
  }

  /** About how many of the smallest have a sum within the budget. */
  long fitting(double budget) {
    while (at > 0 && energyBelow > budget) {
      at--;
      below -= counts[at];
      energyBelow -= energies[at];
    }
    if (below == 0) {
      // What was subtracted leaves roundings behind.
      energyBelow = 0;
    }
    while (at <= most && energyBelow + energies[at] <= budget) {
      below += counts[at];
      energyBelow += energies[at];
      at++;
    }
    if (at > most || counts[at] == 0) {
      return below;
    }
    double share = Math.max(0, budget - energyBelow) / energies[at];
    return below + (long) (Math.min(1, share) * counts[at]);
  }

  void clear() {
    for (int i = least; i <= most; i++) {
      counts[i] = 0;
      energies[i] = 0;
    }
    at = 0;
    below = 0;
    energyBelow = 0;
    least = LAST + 1;
    most = -1;
  }
}
