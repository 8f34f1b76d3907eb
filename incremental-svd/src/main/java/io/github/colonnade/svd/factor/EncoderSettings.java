package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;

/**
 * What every written cluster must keep to.
 *
 * @param limit the error limit and what it holds for
 * @param rankLimit no basis has more columns than this
 * @param format how factors are stored
 * @param repairs where repairs are counted
 */
public record EncoderSettings(
    ErrorLimit limit, int rankLimit, StorageFormat format, RepairTally repairs) {

  public EncoderSettings {
    if (rankLimit < 1) {
      throw new IllegalArgumentException("rank limit " + rankLimit + " is below 1");
    }
  }

  /** Settings for somebody who wants no count of repairs. */
  public EncoderSettings(ErrorLimit limit, int rankLimit, StorageFormat format) {
    this(limit, rankLimit, format, new RepairTally());
  }
}
