package io.github.colonnade.jobs.manifest;

import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * How each matrix was factored by itself, into a low-rank part and whole columns.
 *
 * @param mode what for
 * @param sparsity the share of the columns that are kept, if it was asked for
 * @param layer what the layer computes; only in mode pretrain
 */
public record LostEntry(LostMode mode, OptionalDouble sparsity, Optional<Layer> layer) {

  public LostEntry {
    Checks.measure("sparsity", sparsity);
    if (sparsity.isPresent() && sparsity.getAsDouble() > 1) {
      throw new IllegalArgumentException(
          "sparsity: expected a fraction from 0 to 1, got " + sparsity.getAsDouble());
    }
    boolean trained = mode == LostMode.PRETRAIN;
    if (layer.isPresent() != trained) {
      throw new IllegalArgumentException(
          "gamma: " + (trained ? "missing" : "not allowed") + " with mode " + mode);
    }
    if (trained && sparsity.isEmpty()) {
      throw new IllegalArgumentException("sparsity: missing with mode " + mode);
    }
  }

  /**
   * A layer y = γ·B·act(A·x) + (1 − γ)·S·x_I.
   *
   * @param gamma γ
   * @param activation act
   * @param channels by which rule I was chosen
   * @param complementRank how many singular triples that looked at, if it was asked for
   * @param seed of a random choice
   */
  public record Layer(
      double gamma,
      Activation activation,
      ChannelRule channels,
      OptionalInt complementRank,
      OptionalLong seed) {

    public Layer {
      Checks.measure("gamma", gamma);
      if (gamma > 1) {
        throw new IllegalArgumentException("gamma: expected a fraction from 0 to 1, got " + gamma);
      }
      complementRank.ifPresent(value -> Checks.atLeast("complementRank", 1, value));
    }
  }
}
