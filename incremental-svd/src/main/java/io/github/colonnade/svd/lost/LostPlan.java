package io.github.colonnade.svd.lost;

import io.github.colonnade.bounds.SmallestValues;
import io.github.colonnade.bounds.StorageCost;
import java.util.Arrays;

/**
 * A rank and the channels of which whole columns are stored, so that little is lost of a matrix W:
 * m×n.
 *
 * <p>With orthonormal vectors U: m×q and U_r its first r, W is stored as U_r and U_rᵀ·W for all
 * columns but those of the channels I, and as it is for these. So a column i outside I loses
 *
 * <pre>
 *   ‖w_i − U_r·U_rᵀ·w_i‖² = outside_i + Σ_{r≤l&lt;q} c_li²,  c_li = u_lᵀ·w_i,  outside_i = ‖w_i − U·Uᵀ·w_i‖²
 * </pre>
 *
 * and a column in I nothing. The numbers stored are r(m + n − k) + m·k for k channels, and the
 * bytes of a RoaringBitmap of them counted as numbers. In the terms of LOST: A is zero at the
 * channels, so that the residual W − B·A there is W.
 *
 * <p>Sums are of terms of one sign, never differences, so that a loss of 10⁻¹⁵ is told as well as
 * one of 0.1.
 *
 * @param rank r
 * @param channels I, ascending
 * @param lost Σ_{i∉I} of the above
 * @param numbers that are stored
 */
public record LostPlan(int rank, int[] channels, double lost, long numbers) {

  /** A container of a RoaringBitmap holds so many numbers, and more than 4,096 as plain bits. */
  private static final int CONTAINER = 1 << 16;

  private static final int CONTAINER_BYTES = 8192;

  /**
   * What U captures of the columns of W.
   *
   * @param rows m
   * @param captured c_li² for l &lt; q, column after column: q numbers for each i; not modified
   * @param outside outside_i for each column, n numbers; not modified
   */
  public record Energies(long rows, double[] captured, double[] outside) {

    int columns() {
      return outside.length;
    }

    int vectors() {
      return outside.length == 0 ? 0 : captured.length / outside.length;
    }
  }

  /**
   * The plan that stores the fewest numbers while it loses no more than is allowed. It is the
   * optimum over all ranks up to {@code mostRank} and, for each, over all sets of channels: since
   * columns cost the same, the columns kept are those that lose most, and as few as will do. (A
   * bitmap over more than 65,536 columns may cost more or less with other channels; that is counted
   * for the chosen ones but not searched.) Of equal plans the one of the larger rank.
   *
   * @param allowed the largest loss, in the unit of the energies
   * @param bytesPerNumber of the stored format, to count the bitmap in numbers
   * @return all channels and rank 0 if no other plan loses less than allowed
   */
  public static LostPlan cheapest(
      Energies energies, int mostRank, double allowed, int bytesPerNumber) {
    long m = energies.rows;
    int n = energies.columns();
    int q = energies.vectors();
    double[] losses = energies.outside.clone();
    for (int l = q - 1; l >= Math.min(q, mostRank); l--) {
      add(energies, l, losses);
    }
    LostPlan best = of(energies, 0, range(n), new double[n], bytesPerNumber);
    for (int r = Math.min(q, mostRank); ; r--) {
      int k = fewest(losses, allowed);
      // More columns are needed at each lower rank, so that none of them can be cheaper.
      if (m * k >= best.numbers) {
        break;
      }
      if (numbers(r, m, n, k) < best.numbers) {
        LostPlan plan = of(energies, r, largest(losses, k), losses, bytesPerNumber);
        best = plan.numbers < best.numbers ? plan : best;
      }
      if (r == 0) {
        break;
      }
      add(energies, r - 1, losses);
    }
    return best;
  }

  /**
   * The plan of a rank and a number of channels that loses least.
   *
   * @param rank at most the vectors of the energies
   * @param count of channels, at most the columns
   */
  public static LostPlan fixed(Energies energies, int rank, int count, int bytesPerNumber) {
    double[] losses = losses(energies, rank);
    return of(energies, rank, largest(losses, count), losses, bytesPerNumber);
  }

  /** What each column loses at a rank if it is in no channel. */
  public static double[] losses(Energies energies, int rank) {
    double[] losses = energies.outside.clone();
    for (int l = energies.vectors() - 1; l >= rank; l--) {
      add(energies, l, losses);
    }
    return losses;
  }

  private static void add(Energies energies, int vector, double[] losses) {
    int q = energies.vectors();
    for (int i = 0; i < losses.length; i++) {
      losses[i] += energies.captured[i * q + vector];
    }
  }

  private static LostPlan of(
      Energies energies, int rank, int[] channels, double[] losses, int bytesPerNumber) {
    int n = energies.columns();
    double[] left = losses.clone();
    Arrays.stream(channels).forEach(i -> left[i] = 0);
    Arrays.sort(left);
    long numbers =
        numbers(rank, energies.rows, n, channels.length) + bitmapNumbers(channels, bytesPerNumber);
    return new LostPlan(rank, channels, Arrays.stream(left).sum(), numbers);
  }

  /** The numbers without the bitmap. */
  private static long numbers(int rank, long rows, int columns, int channels) {
    return StorageCost.lowRank(rank, rows, columns - channels) + StorageCost.raw(rows, channels);
  }

  /**
   * The numbers that the portable serialisation of a RoaringBitmap takes, 0 for an empty one, which
   * is not stored.
   *
   * @param channels ascending
   */
  public static long bitmapNumbers(int[] channels, int bytesPerNumber) {
    if (channels.length == 0) {
      return 0;
    }
    long bytes = 8;
    for (int from = 0; from < channels.length; ) {
      int to = from;
      while (to < channels.length && channels[to] / CONTAINER == channels[from] / CONTAINER) {
        to++;
      }
      bytes += 8 + Math.min(2 * (to - from), CONTAINER_BYTES);
      from = to;
    }
    return (bytes + bytesPerNumber - 1) / bytesPerNumber;
  }

  /** How few columns must be kept so that the others lose no more than is allowed. */
  private static int fewest(double[] losses, double allowed) {
    return losses.length - SmallestValues.within(allowed, losses).count();
  }

  /** The positions of the largest values, ascending; of equal values the first positions. */
  static int[] largest(double[] values, int count) {
    if (count == 0) {
      return new int[0];
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    double least = sorted[sorted.length - count];
    int above = 0;
    for (double value : values) {
      above += value > least ? 1 : 0;
    }
    int[] positions = new int[count];
    int equal = count - above;
    int at = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] > least || (values[i] == least && equal-- > 0)) {
        positions[at++] = i;
      }
    }
    return positions;
  }

  private static int[] range(int count) {
    int[] all = new int[count];
    Arrays.setAll(all, i -> i);
    return all;
  }
}
