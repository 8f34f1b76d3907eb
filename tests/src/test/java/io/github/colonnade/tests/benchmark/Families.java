package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The blocks of a case as strategies see them. */
public final class Families {

  /** As {@code compress} does: what a sketch drops at most, over the limit. */
  private static final double DROPPED_SHARE = 0.3;

  private static final int SPARE_DIRECTIONS = 2;

  private Families() {}

  /** Sketches as {@code compress} makes them: directions until the rest is far below the limit. */
  public static Family sketched(Case of) {
    double dropped = DROPPED_SHARE * of.limit().value();
    return family(
        of,
        (spectrum, columns) -> {
          int useful = StorageCost.largestPayingRank(of.data().rows(), columns) + SPARE_DIRECTIONS;
          int kept = 0;
          while (kept < Math.min(useful, spectrum.size())
              && spectrum.tailEnergy(kept) > dropped * dropped * spectrum.energy()) {
            kept++;
          }
          return kept;
        });
  }

  /** Sketches of all directions, as the published code has. */
  static Family whole(Case of) {
    return family(of, (spectrum, columns) -> spectrum.size());
  }

  /** The settings that {@code compress} gives to a strategy when the user sets no rank. */
  public static PartitionSettings settings(Case of) {
    DataSet data = of.data();
    int[] ranks = new int[data.size()];
    for (int j = 0; j < ranks.length; j++) {
      ranks[j] = of.costs().loneRank(j);
    }
    Arrays.sort(ranks);
    double wanted = Math.max(1.5 * ranks[ranks.length / 2], data.rows() / 8.0);
    int rank = Math.max(1, Math.min(data.rows(), (int) Math.ceil(wanted)));
    return PartitionSettings.of(of.limit(), rank, data.rows());
  }

  /** Which part of a block's directions is kept. */
  private interface Kept {
    int directions(Spectrum spectrum, int columns);
  }

  private static Family family(Case of, Kept kept) {
    DataSet data = of.data();
    int largest = data.blocks().stream().mapToInt(Families::exponent).max().orElse(0);
    List<BlockSketch> blocks = new ArrayList<>();
    for (int j = 0; j < data.size(); j++) {
      blocks.add(sketch(of, j, largest, kept));
    }
    return new Family(of.la(), of.precision(), data.rows(), blocks);
  }

  private static BlockSketch sketch(Case of, int position, int largestExponent, Kept kept) {
    int m = of.data().rows();
    int n = of.data().columns(position);
    if (n == 1) {
      return column(of, position, largestExponent);
    }
    try (Matrix a = matrix(of, position, largestExponent);
        Sketch whole = new Sketcher(of.la(), of.precision(), Math.min(m, n)).sketch(a)) {
      Spectrum spectrum = whole.spectrum();
      double factor = of.limit().scope() == Scope.BLOCK ? 1 / Math.sqrt(spectrum.energy()) : 1;
      int directions = kept.directions(spectrum, n);
      try (Sketch truncated =
          new Sketcher(of.la(), of.precision(), Math.min(m, n)).truncate(whole, directions)) {
        double[] sigmas = new double[truncated.rank()];
        for (int i = 0; i < sigmas.length; i++) {
          sigmas[i] = factor * Math.sqrt(truncated.spectrum().squaredSingularValue(i));
        }
        return new BlockSketch(
            of.la().scaleColumns(truncated.basis(), sigmas),
            truncated.spectrum().scaledBy(factor * factor),
            n);
      }
    }
  }

  /** A single column is its own sketch. */
  private static BlockSketch column(Case of, int position, int largestExponent) {
    try (Matrix a = matrix(of, position, largestExponent)) {
      double energy = of.la().energy(a);
      double factor = of.limit().scope() == Scope.BLOCK ? 1 / Math.sqrt(energy) : 1;
      return new BlockSketch(
          of.la().scaleColumns(a, new double[] {factor}),
          Spectrum.ofKept(new double[] {factor * factor * energy}, 0),
          1);
    }
  }

  /** The block over 2ᵉ, e the exponent of the largest number of all blocks. */
  private static Matrix matrix(Case of, int position, int largestExponent) {
    float[] values = of.data().blocks().get(position);
    double[] scaled = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      scaled[i] = Math.scalb((double) values[i], -largestExponent);
    }
    int n = of.data().columns(position);
    Matrix doubles = of.la().fromColumns(scaled, of.data().rows(), n);
    if (of.precision() == Precision.FLOAT64) {
      return doubles;
    }
    try (doubles) {
      return of.la().cast(doubles, Precision.FLOAT32);
    }
  }

  /** e with all numbers of the block below 2ᵉ in size. */
  static int exponent(float[] block) {
    float largest = 0;
    for (float x : block) {
      largest = Math.max(largest, Math.abs(x));
    }
    return Math.getExponent(largest) + 1;
  }
}
