package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The factors of a family side by side in one matrix, so that a basis is tried on all of them by
 * one product, with what each block needs and costs by itself.
 */
final class Blocks implements AutoCloseable {

  /** Columns multiplied at a time. */
  private static final int BATCH_COLUMNS = 8192;

  /** Below this limit a difference of float32 energies says nothing, and the residual is formed. */
  private static final double DIFFERENCE_LIMIT = 0.01;

  final LinearAlgebra la;
  final Precision precision;
  final int rows;
  final int count;
  final PartitionSettings settings;
  final long[] columns;
  final double[] energies;
  final int[] loneRanks;
  final long[] loneCosts;

  private final Family family;
  private final List<Matrix> batches = new ArrayList<>();

  /** The first block of each batch, and the number of blocks at the end. */
  private final int[] batchStarts;

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
    List<Integer> starts = new ArrayList<>();
    int from = 0;
    while (from < count) {
      starts.add(from);
      int to = from;
      int width = 0;
      List<Matrix> factors = new ArrayList<>();
      while (to < count && (to == from || width + factor(to).columns() <= BATCH_COLUMNS)) {
        factors.add(factor(to));
        width += factor(to).columns();
        to++;
      }
      batches.add(la.concatenate(factors));
      from = to;
    }
    starts.add(count);
    batchStarts = starts.stream().mapToInt(Integer::intValue).toArray();
  }

  Matrix factor(int block) {
    return family.block(block).factor();
  }

  Spectrum spectrum(int block) {
    return family.block(block).spectrum();
  }

  double limit() {
    return settings.limit().value();
  }

  /** ‖(I − QQᵀ)A_j‖² for each block, what its sketch dropped included; Q: m×r orthonormal. */
  double[] residualEnergies(Matrix q) {
    double[] residuals = new double[count];
    boolean explicit = precision == Precision.FLOAT32 && limit() < DIFFERENCE_LIMIT;
    forEachBatch(
        (first, last, all) -> {
          try (MatrixScope scope = new MatrixScope()) {
            Matrix p = scope.own(la.transposedProduct(q, all));
            double[] perColumn;
            if (explicit) {
              Matrix r = scope.own(la.cast(all, precision));
              la.subtractProductInPlace(r, q, p);
              perColumn = la.columnEnergies(r);
            } else {
              perColumn = la.columnEnergies(p);
            }
            int column = 0;
            for (int j = first; j < last; j++) {
              double sum = 0;
              for (int end = column + factor(j).columns(); column < end; column++) {
                sum += perColumn[column];
              }
              residuals[j] =
                  explicit ? sum + spectrum(j).droppedEnergy() : Math.max(0, energies[j] - sum);
            }
          }
        });
    return residuals;
  }

  /** Some blocks by position, ascending, with their factors side by side. */
  Matrix concatenated(int[] members) {
    List<Matrix> factors = Arrays.stream(members).mapToObj(this::factor).toList();
    return la.concatenate(factors);
  }

  private interface BatchVisitor {
    void visit(int first, int last, Matrix all);
  }

  private void forEachBatch(BatchVisitor visitor) {
    for (int b = 0; b < batches.size(); b++) {
      visitor.visit(batchStarts[b], batchStarts[b + 1], batches.get(b));
    }
  }

  @Override
  public void close() {
    batches.forEach(Matrix::close);
  }
}
