package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.manifest.LostEntry;
import io.github.colonnade.jobs.manifest.LostMode;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import io.github.colonnade.svd.lost.LostSettings;
import java.io.Serializable;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** How each matrix is factored by itself, into a low-rank part and whole columns. */
public sealed interface LostMethod extends Serializable {

  /** Within the error limit of the run, in the fewest numbers. */
  record Within() implements LostMethod {}

  /**
   * At the rank that is the run's goal, and with a share of the columns.
   *
   * @param sparsity that share
   */
  record Fixed(double sparsity) implements LostMethod {}

  /**
   * As the factors that a layer is trained from.
   *
   * @param complementRank as in {@link LostSettings}, or 0 for none
   * @param seed for channels at random, mixed with the name of each tensor
   */
  record Pretrain(
      double sparsity,
      double gamma,
      Activation activation,
      ChannelRule channels,
      int complementRank,
      long seed)
      implements LostMethod {

    /** How the factors of a tensor are made. */
    LostSettings settings(int rank, String tensor) {
      return new LostSettings(
          rank,
          sparsity,
          channels,
          complementRank == 0 ? OptionalInt.empty() : OptionalInt.of(complementRank),
          seed * 31 + tensor.hashCode());
    }
  }

  /** For the manifest. */
  default LostEntry entry() {
    if (this instanceof Pretrain layer) {
      boolean random = layer.channels == ChannelRule.RANDOM;
      return new LostEntry(
          LostMode.PRETRAIN,
          OptionalDouble.of(layer.sparsity),
          Optional.of(
              new LostEntry.Layer(
                  layer.gamma,
                  layer.activation,
                  layer.channels,
                  layer.complementRank == 0
                      ? OptionalInt.empty()
                      : OptionalInt.of(layer.complementRank),
                  random ? OptionalLong.of(layer.seed) : OptionalLong.empty())));
    }
    return new LostEntry(
        LostMode.COMPRESS,
        this instanceof Fixed fixed ? OptionalDouble.of(fixed.sparsity) : OptionalDouble.empty(),
        Optional.empty());
  }

  /** What the files with factors say of themselves. */
  default Map<String, String> metadata() {
    Map<String, String> metadata = new TreeMap<>();
    LostEntry entry = entry();
    metadata.put("lost.mode", entry.mode().key());
    entry
        .layer()
        .ifPresent(
            layer -> {
              metadata.put("lost.gamma", Double.toString(layer.gamma()));
              metadata.put("lost.activation", layer.activation().toString());
            });
    return metadata;
  }
}
