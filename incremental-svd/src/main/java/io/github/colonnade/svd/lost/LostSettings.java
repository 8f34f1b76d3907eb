package io.github.colonnade.svd.lost;

import java.util.OptionalInt;

/**
 * How the factors of a layer are made.
 *
 * @param rank r of the low-rank part, at least 1
 * @param sparsity the share of the channels that are kept as whole columns, from 0 to 1; one
 *     channel is kept at least
 * @param rule which channels these are
 * @param complementRank how many singular triples the rule looks at: the first after the rank, or
 *     the last of all with {@link ChannelRule#SMALLEST}. Without it all after the rank, and as many
 *     as the rank with that rule
 * @param seed decides with {@link ChannelRule#RANDOM}
 */
public record LostSettings(
    int rank, double sparsity, ChannelRule rule, OptionalInt complementRank, long seed) {

  public LostSettings {
    if (rank < 1) {
      throw new IllegalArgumentException("rank " + rank + " is below 1");
    }
    if (!(sparsity >= 0 && sparsity <= 1)) {
      throw new IllegalArgumentException("sparsity " + sparsity + " is not in [0, 1]");
    }
    if (complementRank.isPresent() && complementRank.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "complement rank " + complementRank.getAsInt() + " is below 1");
    }
  }

  /** k = max(1, ⌊sparsity·in⌋) of a matrix with {@code in} columns, in ≥ 1. */
  public int channels(int in) {
    return channels(sparsity, in);
  }

  /** k = max(1, ⌊sparsity·in⌋), in ≥ 1. */
  public static int channels(double sparsity, int in) {
    return Math.max(1, (int) Math.floor(sparsity * in));
  }
}
