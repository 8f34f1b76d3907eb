package io.github.colonnade.svd.auto;

import java.util.Arrays;
import java.util.List;

/**
 * An estimate of what a partition stores.
 *
 * @param ofBlocks the numbers that each block stores for itself, by position
 * @param bases what blocks have in common
 */
public record ExpectedCost(double[] ofBlocks, List<Basis> bases) {

  /**
   * The basis of a cluster.
   *
   * @param numbers stored, without directions that belong to one block
   * @param members positions, ascending
   */
  public record Basis(long numbers, int[] members) {}

  /**
   * What a block stands for where blocks are a sample of a collection.
   *
   * @param matrix which of the sampled matrices it is a part of
   * @param blocks how many blocks of the collection it stands for
   * @param matrices how many matrices of the collection its own stands for
   */
  public record Origin(int matrix, double blocks, double matrices) {}

  /** All numbers. */
  public double numbers() {
    return Arrays.stream(ofBlocks).sum() + bases.stream().mapToLong(Basis::numbers).sum();
  }

  /**
   * What the collection may take. A basis that several matrices share counts once, that of one
   * matrix as often as there are such matrices.
   *
   * @param origins of the blocks, by position
   */
  public double extrapolated(List<Origin> origins) {
    double sum = 0;
    for (int j = 0; j < ofBlocks.length; j++) {
      sum += origins.get(j).blocks() * ofBlocks[j];
    }
    for (Basis basis : bases) {
      Origin first = origins.get(basis.members()[0]);
      boolean ofOneMatrix =
          Arrays.stream(basis.members()).allMatch(j -> origins.get(j).matrix() == first.matrix());
      sum += (ofOneMatrix ? first.matrices() : 1) * basis.numbers();
    }
    return sum;
  }
}
