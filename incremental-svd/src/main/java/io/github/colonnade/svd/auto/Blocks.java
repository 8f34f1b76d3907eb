package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import java.util.Arrays;
import java.util.List;

/** The factors of a family, with what each block needs and costs by itself. */
final class Blocks {

  /** Masks are counted in numbers of this many bytes, those of the default storage format. */
  static final int BYTES_PER_NUMBER = 4;

  final LinearAlgebra la;
  final Precision precision;
  final int rows;
  final int count;
  final PartitionSettings settings;
  final long[] columns;
  final double[] energies;
  final int[] loneRanks;
  final long[] loneCosts;

  final Family family;

  Blocks(Family family, PartitionSettings settings) {
    this.family = family;
    this.la = family.algebra();
    this.precision = family.precision();
    this.rows = family.rows();
    this.count = family.size();
    this.settings = settings;
    this.columns = new long[count];
    this.energies = new double[count];
    this.loneRanks = new int[count];
    this.loneCosts = new long[count];
    for (int j = 0; j < count; j++) {
      Spectrum spectrum = family.block(j).spectrum();
      columns[j] = family.block(j).columns();
      energies[j] = spectrum.energy();
      int useful = StorageCost.largestPayingRank(rows, columns[j]);
      int rank = Rank.smallestFor(spectrum, settings.limit().value()).orElse(useful + 1);
      loneRanks[j] = Math.min(rank, useful + 1);
      loneCosts[j] =
          rank > settings.rankLimit()
              ? StorageCost.raw(rows, columns[j])
              : StorageCost.best(loneRanks[j], rows, columns[j]);
    }
  }

  private Blocks(Blocks other) {
    this.family = other.family;
    this.la = other.la;
    this.precision = other.precision;
    this.rows = other.rows;
    this.count = other.count;
    this.settings = other.settings;
    this.columns = other.columns.clone();
    this.energies = other.energies;
    this.loneRanks = other.loneRanks;
    this.loneCosts = other.loneCosts.clone();
  }

  /** The same blocks with columns and lone costs of their own, to be changed. */
  Blocks copy() {
    return new Blocks(this);
  }

  Matrix factor(int block) {
    return family.block(block).factor();
  }

  Spectrum spectrum(int block) {
    return family.block(block).spectrum();
  }

  /**
   * The fewest of its largest rows with which a block meets the limit; all of them if none do.
   *
   * @param captured the energy of each row
   * @param outside the energy outside all of them
   */
  int rowsNeeded(int block, double[] captured, double outside) {
    double allowed = limit() * limit();
    double lost = outside;
    int rows = captured.length;
    for (int i : Order.ascending(captured)) {
      lost += captured[i];
      if (lost > allowed * energies[block]) {
        break;
      }
      rows--;
    }
    return rows;
  }

  /** Where decisions of bounds are counted. */
  DecisionTally decisions() {
    return family.decisions();
  }

  double limit() {
    return settings.limit().value();
  }

  /** Squared singular values: eigenvalues of a Gram matrix, some negative by rounding. */
  static double[] squares(double[] eigenvalues) {
    return Arrays.stream(eigenvalues).map(x -> Math.max(x, 0)).toArray();
  }

  /** Some blocks by position, ascending, with their factors side by side. */
  Matrix concatenated(int[] members) {
    List<Matrix> factors = Arrays.stream(members).mapToObj(this::factor).toList();
    return la.concatenate(factors);
  }
}
