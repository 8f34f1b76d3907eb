package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;

/**
 * What a strategy needs to know.
 *
 * @param limit the error limit and what it holds for
 * @param rank r, the rank at which the published strategies try clusters
 * @param rankLimit no basis has more columns than this
 * @param patience seeds in a row that attract nobody before the rest stay alone
 * @param oversampling directions kept beyond r by incremental estimates
 */
public record PartitionSettings(
    ErrorLimit limit, int rank, int rankLimit, int patience, int oversampling) {

  /** The patience and oversampling of the published experiments. */
  public static final int PUBLISHED_PATIENCE = 10;

  public static final int PUBLISHED_OVERSAMPLING = 5;

  public PartitionSettings {
    if (rank < 1 || rankLimit < 1 || patience < 1 || oversampling < 0) {
      throw new IllegalArgumentException(
          "ranks and patience must be at least 1 and oversampling at least 0, not "
              + rank
              + ", "
              + rankLimit
              + ", "
              + patience
              + ", "
              + oversampling);
    }
  }

  /** Settings with the published patience and oversampling. */
  public static PartitionSettings of(ErrorLimit limit, int rank, int rankLimit) {
    return new PartitionSettings(
        limit, rank, rankLimit, PUBLISHED_PATIENCE, PUBLISHED_OVERSAMPLING);
  }

  /** The published settings for clusters of at most a limit and a rank. */
  public static PartitionSettings published(double limit, int rank) {
    return of(new ErrorLimit(limit, Scope.CLUSTER), rank, rank);
  }

  /** These settings with another rank for the published strategies. */
  public PartitionSettings withRank(int other) {
    return new PartitionSettings(limit, other, rankLimit, patience, oversampling);
  }
}
