package io.github.colonnade.svd.partition;

/**
 * What a strategy needs to know.
 *
 * @param limit the error limit ε of a cluster, a fraction in [0, 1)
 * @param rank r, the rank at which a cluster must meet the limit
 * @param patience seeds in a row that attract nobody before the rest stay alone
 * @param oversampling directions kept beyond r by incremental estimates
 */
public record PartitionSettings(double limit, int rank, int patience, int oversampling) {

  /** The patience and oversampling of the published experiments. */
  public static final int PUBLISHED_PATIENCE = 10;

  public static final int PUBLISHED_OVERSAMPLING = 5;

  public PartitionSettings {
    if (!(limit >= 0 && limit < 1)) {
      throw new IllegalArgumentException("error limit " + limit + " is not in [0, 1)");
    }
    if (rank < 1 || patience < 1 || oversampling < 0) {
      throw new IllegalArgumentException(
          "rank and patience must be at least 1 and oversampling at least 0, not "
              + rank
              + ", "
              + patience
              + ", "
              + oversampling);
    }
  }

  /** The published settings for a limit and a rank. */
  public static PartitionSettings published(double limit, int rank) {
    return new PartitionSettings(limit, rank, PUBLISHED_PATIENCE, PUBLISHED_OVERSAMPLING);
  }
}
