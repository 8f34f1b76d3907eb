package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Block;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;

/** What stored factors lose, without any rounding. */
final class Exact {

  /** ‖A − scale·U·C‖² and ‖A‖². */
  record Energies(BigDecimal lost, BigDecimal energy) {
    static final Energies ZERO = new Energies(BigDecimal.ZERO, BigDecimal.ZERO);

    Energies plus(Energies other) {
      return new Energies(lost.add(other.lost), energy.add(other.energy));
    }

    Energies times(double factor) {
      BigDecimal exact = new BigDecimal(factor);
      return new Energies(lost.multiply(exact), energy.multiply(exact));
    }

    void assertWithin(double limit, String what) {
      BigDecimal allowed = new BigDecimal(limit).pow(2).multiply(energy);
      assertTrue(
          lost.compareTo(allowed) <= 0,
          () -> what + " loses " + root(lost) + " of " + root(energy) + ", more than " + limit);
    }
  }

  private Exact() {}

  static BigDecimal root(BigDecimal value) {
    return value.sqrt(MathContext.DECIMAL64);
  }

  /** A − U·C: m×n for U: m×r, C: r×n, column after column. */
  static BigDecimal[] residual(double[] a, double[] u, double[] c, int m) {
    int r = u.length / m;
    BigDecimal[] residual = new BigDecimal[a.length];
    for (int at = 0; at < a.length; at++) {
      BigDecimal sum = new BigDecimal(a[at]);
      for (int k = 0; k < r; k++) {
        double x = u[at % m + k * m];
        double y = c[k + at / m * r];
        if (x != 0 && y != 0) {
          sum = sum.subtract(new BigDecimal(x).multiply(new BigDecimal(y)));
        }
      }
      residual[at] = sum;
    }
    return residual;
  }

  static BigDecimal energy(BigDecimal[] values) {
    return Arrays.stream(values).map(x -> x.multiply(x)).reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  static BigDecimal[] exactly(double[] values) {
    return Arrays.stream(values).mapToObj(BigDecimal::new).toArray(BigDecimal[]::new);
  }

  /**
   * A − scale·U·C as the bytes say, in units of the block's exponent.
   *
   * @param rows the directions that the block uses
   */
  static BigDecimal[] residual(
      Block block,
      EncodedBlock encoded,
      int[] rows,
      Encoding.LowRank cluster,
      StorageFormat format) {
    double[] basis = format.decode(cluster.basis());
    int r = cluster.rank();
    int m = r == 0 ? block.values().length : basis.length / r;
    int n = block.values().length / m;
    double[] u = new double[m * rows.length];
    for (int k = 0; k < rows.length; k++) {
      for (int i = 0; i < m; i++) {
        u[i + k * m] = basis[i * r + rows[k]];
      }
    }
    int others = n - encoded.channels().length;
    double[] stored = r == 0 ? new double[0] : encoded.values(format, n);
    double factor = encoded.scale() * Math.scalb(1.0, -block.exponent());
    double[] c = new double[rows.length * n];
    double[] a = block.values().clone();
    int[] columns = r == 0 ? new int[n] : ClusterEncoderPropertyTest.columns(encoded, n);
    for (int j = 0; j < n; j++) {
      if (columns[j] < 0) {
        Arrays.fill(a, j * m, (j + 1) * m, 0);
      }
      for (int k = 0; k < rows.length && columns[j] >= 0; k++) {
        c[k + j * rows.length] = factor * stored[k * others + columns[j]];
      }
    }
    return residual(a, u, c, m);
  }

  /** The energies of all blocks of a cluster, each of which is checked to be within the limit. */
  static void assertWithin(
      double limit,
      boolean each,
      List<Block> blocks,
      List<int[]> kept,
      Encoding.LowRank cluster,
      StorageFormat format) {
    int top =
        cluster.blocks().stream()
            .mapToInt(encoded -> blocks.get(encoded.position()).exponent())
            .max()
            .orElse(0);
    Energies joint = Energies.ZERO;
    for (int i = 0; i < cluster.blocks().size(); i++) {
      EncodedBlock encoded = cluster.blocks().get(i);
      Block block = blocks.get(encoded.position());
      BigDecimal[] residual = residual(block, encoded, kept.get(i), cluster, format);
      Energies own = new Energies(energy(residual), energy(exactly(block.values())));
      if (each) {
        own.assertWithin(limit, "block " + encoded.position());
      }
      joint = joint.plus(own.times(Math.scalb(1.0, 2 * (block.exponent() - top))));
    }
    joint.assertWithin(limit, "the cluster");
  }
}
