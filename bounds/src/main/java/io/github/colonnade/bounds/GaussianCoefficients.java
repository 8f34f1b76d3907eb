package io.github.colonnade.bounds;

import java.util.ArrayList;
import java.util.List;

/**
 * How many coefficients a limit takes if only the largest are stored, guessed from the energies of
 * their rows.
 *
 * <p>A sketch says how much energy a block has along each direction, and nothing of how that is
 * spread over its columns. Here it is spread like Gaussian noise: the n coefficients along a
 * direction of energy e are taken to be normal with variance e/n. Those of magnitude below a
 * threshold t are left out, the same for all, so that with σ² = e/n and x = t/σ the energy
 * e·(erf(x/√2) − x·√(2/π)·e^(−x²/2)) is lost and n·erfc(x/√2) coefficients are kept. Rows of real
 * data have heavier tails, so they take fewer; this is an estimate, and no bound. A block of one
 * column has one coefficient along each direction, and that is known.
 */
public final class GaussianCoefficients {

  private static final int BISECTIONS = 30;

  /** At so many standard deviations nothing is left. */
  private static final double FAR = 8;

  /** The last threshold of a trade-off over the first. */
  private static final double SMALLEST = 5e-4;

  private GaussianCoefficients() {}

  /**
   * The coefficients of one block.
   *
   * @param columns n, at least 1
   * @param energies along each direction
   */
  public record Rows(long columns, double[] energies) {}

  /**
   * The least number of coefficients that leave out at most some energy.
   *
   * @param blocks whose coefficients are weighed against each other
   * @param directions how many of the leading energies of each count
   * @param allowed the energy that may be left out, at least 0
   */
  public static double kept(List<Rows> blocks, int directions, double allowed) {
    double largest = 0;
    double total = 0;
    for (Rows block : blocks) {
      for (int i = 0; i < directions; i++) {
        largest = Math.max(largest, block.energies[i] / block.columns);
        total += block.energies[i];
      }
    }
    if (total <= allowed) {
      return 0;
    }
    double low = 0;
    double high = FAR * Math.sqrt(largest);
    for (int step = 0; step < BISECTIONS; step++) {
      double threshold = (low + high) / 2;
      if (lost(blocks, directions, threshold) <= allowed) {
        low = threshold;
      } else {
        high = threshold;
      }
    }
    return above(blocks, directions, low);
  }

  /** How many coefficients are larger than a threshold. */
  private static double above(List<Rows> blocks, int directions, double threshold) {
    double above = 0;
    for (Rows block : blocks) {
      for (int i = 0; i < directions; i++) {
        double energy = block.energies[i];
        above +=
            block.columns == 1
                ? (energy > threshold * threshold ? 1 : 0)
                : block.columns * share(threshold, energy / block.columns);
      }
    }
    return above;
  }

  /**
   * What a cluster is guessed to cost for what it loses: a basis of r directions, a bit for each
   * coefficient on them, and those above a threshold.
   *
   * @param rows m
   * @param blocks with the energies along as many directions, at least one
   * @param outside what none of these directions holds
   * @param rounding the energy that rounding the factors adds
   * @param bytesPerNumber of what is stored
   * @param thresholds how many are tried, from twice the largest deviation down to a thousandth of
   *     it
   */
  public static TradeOff tradeOff(
      long rows,
      List<Rows> blocks,
      double outside,
      double rounding,
      int bytesPerNumber,
      int thresholds) {
    int most = blocks.get(0).energies.length;
    long columns = 0;
    double largest = 0;
    double[] along = new double[most];
    for (Rows block : blocks) {
      columns += block.columns;
      for (int i = 0; i < most; i++) {
        largest = Math.max(largest, block.energies[i] / block.columns);
        along[i] += block.energies[i];
      }
    }
    List<Double> lost = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    for (int directions = most; directions > 0; directions /= 2) {
      double beyond = outside + rounding;
      for (int i = directions; i < most; i++) {
        beyond += along[i];
      }
      double bits = (double) directions * columns / (8 * bytesPerNumber);
      for (int step = 0; step < thresholds; step++) {
        double threshold = 2 * Math.sqrt(largest) * Math.pow(SMALLEST, (double) step / thresholds);
        lost.add(beyond + lost(blocks, directions, threshold));
        numbers.add(
            (long) Math.ceil(rows * directions + bits + above(blocks, directions, threshold)));
      }
    }
    return TradeOff.of(
        lost.stream().mapToDouble(Double::doubleValue).toArray(),
        numbers.stream().mapToLong(Long::longValue).toArray());
  }

  private static double lost(List<Rows> blocks, int directions, double threshold) {
    double lost = 0;
    for (Rows block : blocks) {
      for (int i = 0; i < directions; i++) {
        double energy = block.energies[i];
        if (block.columns == 1) {
          lost += energy <= threshold * threshold ? energy : 0;
          continue;
        }
        double x = energy > 0 ? threshold / Math.sqrt(energy / block.columns) : FAR;
        lost +=
            x >= FAR
                ? energy
                : energy
                    * (1
                        - erfc(x / Math.sqrt(2))
                        - x * Math.sqrt(2 / Math.PI) * Math.exp(-x * x / 2));
      }
    }
    return lost;
  }

  /** The share of the coefficients with this variance that are larger than a threshold. */
  private static double share(double threshold, double variance) {
    double x = variance > 0 ? threshold / Math.sqrt(variance) : FAR;
    return x >= FAR ? 0 : erfc(x / Math.sqrt(2));
  }

  /** The complementary error function of x ≥ 0, within 1.5·10⁻⁷ (Abramowitz and Stegun, 7.1.26). */
  static double erfc(double x) {
    double t = 1 / (1 + 0.3275911 * x);
    double polynomial =
        ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592)
            * t;
    return polynomial * Math.exp(-x * x);
  }
}
