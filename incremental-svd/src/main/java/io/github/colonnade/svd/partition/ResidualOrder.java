package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PrimitiveIterator;

/**
 * Orders the blocks that have no cluster yet by their residual outside the span of a seed.
 *
 * <p>The factors are put side by side in batches once, not for every seed: a family may have many
 * thousands of single columns and hundreds of seeds. A batch is made again when half of its blocks
 * have found a cluster.
 */
final class ResidualOrder implements AutoCloseable {

  /** Columns of a batch, unless one block has more. */
  private static final int BATCH_COLUMNS = 4096;

  /**
   * Where less than this share of a block's energy is residual, the residual is formed; above it
   * the difference of two energies tells it to a hundred roundings.
   */
  private static final double FORMED_BELOW = 1e-2;

  private final Family family;
  private final LinearAlgebra la;
  private final List<Batch> batches = new ArrayList<>();

  /** Some blocks side by side. */
  private record Batch(int[] blocks, Matrix factors) {}

  /**
   * @param blocks positions in the family
   */
  ResidualOrder(Family family, int[] blocks) {
    this.family = family;
    this.la = family.algebra();
    int from = 0;
    while (from < blocks.length) {
      int to = from;
      int columns = 0;
      while (to < blocks.length && (to == from || columns < BATCH_COLUMNS)) {
        columns += factor(blocks[to]).columns();
        to++;
      }
      batches.add(batch(Arrays.copyOfRange(blocks, from, to)));
      from = to;
    }
  }

  private Matrix factor(int block) {
    return family.block(block).factor();
  }

  private Batch batch(int[] blocks) {
    List<Matrix> factors = new ArrayList<>(blocks.length);
    for (int block : blocks) {
      factors.add(factor(block));
    }
    return new Batch(blocks, la.concatenate(factors));
  }

  /**
   * The blocks of {@code available}, smallest residual first, then by position.
   *
   * @param q m×k with orthonormal columns
   * @param others blocks that are in no cluster yet
   */
  PrimitiveIterator.OfInt order(Matrix q, int[] others) {
    // Asked for once for each block and seed, so no compressed set.
    boolean[] available = new boolean[family.size()];
    for (int each : others) {
      available[each] = true;
    }
    renewBatches(available);
    int[] blocks = new int[others.length];
    double[] residuals = new double[blocks.length];
    int count = 0;
    for (Batch batch : batches) {
      double[] energies = residualEnergies(q, batch, available);
      for (int i = 0; i < batch.blocks.length; i++) {
        if (available[batch.blocks[i]]) {
          blocks[count] = batch.blocks[i];
          residuals[count] = energies[i];
          count++;
        }
      }
    }
    return new SmallestFirst(blocks, residuals);
  }

  private void renewBatches(boolean[] available) {
    for (int i = batches.size() - 1; i >= 0; i--) {
      Batch batch = batches.get(i);
      int[] left = Arrays.stream(batch.blocks).filter(each -> available[each]).toArray();
      if (left.length == 0) {
        batch.factors.close();
        batches.remove(i);
      } else if (left.length <= batch.blocks.length / 2) {
        batch.factors.close();
        batches.set(i, batch(left));
      }
    }
  }

  /** ‖(I − QQᵀ)F_j‖² + dropped energy of each block of a batch. */
  private double[] residualEnergies(Matrix q, Batch batch, boolean[] available) {
    double[] captured;
    try (Matrix projection = la.transposedProduct(q, batch.factors)) {
      captured = la.columnEnergies(projection);
    }
    double[] energies = new double[batch.blocks.length];
    List<Integer> formed = new ArrayList<>();
    int column = 0;
    for (int i = 0; i < energies.length; i++) {
      BlockSketch block = family.block(batch.blocks[i]);
      double inside = 0;
      for (int end = column + block.factor().columns(); column < end; column++) {
        inside += captured[column];
      }
      double kept = block.spectrum().capturedEnergy(block.spectrum().size());
      double outside = kept - inside;
      if (outside < FORMED_BELOW * kept && available[batch.blocks[i]]) {
        formed.add(i);
      }
      energies[i] = outside + block.spectrum().droppedEnergy();
    }
    form(q, batch, formed, energies);
    return energies;
  }

  private void form(Matrix q, Batch batch, List<Integer> formed, double[] energies) {
    if (formed.isEmpty()) {
      return;
    }
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> factors = new ArrayList<>(formed.size());
      formed.forEach(i -> factors.add(factor(batch.blocks[i])));
      Matrix all = scope.own(la.concatenate(factors));
      double[] residuals = la.columnEnergies(scope.own(Estimators.residual(la, q, all)));
      int column = 0;
      for (int i : formed) {
        BlockSketch block = family.block(batch.blocks[i]);
        energies[i] = block.spectrum().droppedEnergy();
        for (int end = column + block.factor().columns(); column < end; column++) {
          energies[i] += residuals[column];
        }
      }
    }
  }

  @Override
  public void close() {
    batches.forEach(each -> each.factors.close());
    batches.clear();
  }
}
