package io.github.colonnade.svd.auto;

/**
 * An estimate of what a partition stores.
 *
 * @param numbers in all
 * @param shared those of them that several blocks have in common: the bases of the clusters,
 *     without directions that belong to one block
 */
public record ExpectedCost(long numbers, long shared) {

  /** The cost of blocks that have nothing in common. */
  public static ExpectedCost ofLone(long numbers) {
    return new ExpectedCost(numbers, 0);
  }

  /**
   * What a collection may take of which these blocks are a sample: what is shared counts once, all
   * else in proportion.
   *
   * @param times how much larger the collection is
   */
  public double extrapolated(double times) {
    return shared + times * (numbers - shared);
  }
}
