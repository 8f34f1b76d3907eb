package io.github.colonnade.jobs.cli;

import io.github.colonnade.bounds.LimitSearch;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.compress.LostMethod;
import io.github.colonnade.jobs.manifest.LostMode;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How matrices are factored one by one. */
final class LostOptions {

  @Option(
      names = "--mode",
      order = -2,
      paramLabel = "MODE",
      defaultValue = "compress",
      description = {
        "What the factors are for: compress (they approximate the matrix) or pretrain (a layer is"
            + " trained from them). Default: ${DEFAULT-VALUE}."
      })
  private LostMode mode = LostMode.COMPRESS;

  @Option(
      names = "--max-error",
      order = -2,
      paramLabel = "E",
      description = {
        "The error limit of each matrix: a fraction of its Frobenius norm. Rank and columns are"
            + " those of the fewest numbers."
      })
  private @Nullable Double maxError;

  @Option(
      names = "--target-ratio",
      order = -2,
      paramLabel = "R",
      description = {
        "Find the least error limit at which the numbers of the input are at least R times those"
            + " stored."
      })
  private @Nullable Double targetRatio;

  @Option(
      names = "--target-bytes",
      order = -2,
      paramLabel = "N",
      description = "Find the least error limit at which the output has at most N bytes.")
  private @Nullable Long targetBytes;

  @Option(
      names = "--rank",
      order = -2,
      paramLabel = "R",
      description = "The rank of the low-rank part, with --sparsity. Then there is no error limit.")
  private @Nullable Integer rank;

  @Option(
      names = "--sparsity",
      order = -2,
      paramLabel = "S",
      description = "The share of the columns to keep, a fraction; one column at least.")
  private @Nullable Double sparsity;

  @Option(
      names = "--gamma",
      paramLabel = "G",
      description = {
        "With --mode pretrain, the weight of the low-rank part in the layer, from 0 to 1; the"
            + " columns have 1 - G."
      })
  private @Nullable Double gamma;

  @Option(
      names = "--channels",
      paramLabel = "RULE",
      description = {
        "With --mode pretrain, the columns to keep: complement-l2, complement-l1, smallest,"
            + " weight-l2 or random. Default: complement-l2."
      })
  private @Nullable ChannelRule channels;

  @Option(
      names = "--complement-rank",
      paramLabel = "K",
      description = {
        "How many singular triples the rule looks at. Default: all after the rank; for smallest,"
            + " as many as the rank."
      })
  private @Nullable Integer complementRank;

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      description = {
        "With --mode pretrain, what is between the low-rank factors: none or silu. Default: none."
      })
  private @Nullable Activation activation;

  @Option(names = "--seed", paramLabel = "N", description = "For --channels random. Default: 0.")
  private @Nullable Long seed;

  @Option(
      names = "--store-dtype",
      paramLabel = "DTYPE",
      defaultValue = "source",
      description = {
        "The number format of stored factors: f64, f32, f16, bf16 or source (as the source); whole"
            + " columns stay as they are. Default: ${DEFAULT-VALUE}."
      })
  private StoreDtype storeDtype = StoreDtype.SOURCE;

  LostMode mode() {
    return mode;
  }

  StoreDtype storeDtype() {
    return storeDtype;
  }

  Goal goal() {
    if (rank != null) {
      return new Goal.Rank(rank);
    }
    if (targetBytes != null) {
      return new Goal.Bytes(targetBytes);
    }
    return targetRatio == null ? new Goal.Limit() : new Goal.Ratio(targetRatio);
  }

  /** The error limit, or the one to begin with; 1 if there is none. */
  double maxError() {
    if (maxError != null) {
      return maxError;
    }
    return rank != null ? 1 : LimitSearch.FIRST;
  }

  LostMethod method() {
    if (sparsity == null) {
      return new LostMethod.Within();
    }
    if (mode == LostMode.COMPRESS || gamma == null) {
      return new LostMethod.Fixed(sparsity);
    }
    return new LostMethod.Pretrain(
        sparsity,
        gamma,
        activation == null ? Activation.NONE : activation,
        rule(),
        complementRank == null ? 0 : complementRank,
        seed == null ? 0 : seed);
  }

  private ChannelRule rule() {
    return channels == null ? ChannelRule.COMPLEMENT_L2 : channels;
  }

  void check() {
    GivenOptions given =
        new GivenOptions()
            .add("--max-error", maxError)
            .add("--target-ratio", targetRatio)
            .add("--target-bytes", targetBytes)
            .add("--rank", rank);
    given.checkAtMostOne();
    if ((rank == null) != (sparsity == null)) {
      throw new UsageException(
          (rank == null ? "--sparsity" : "--rank")
              + ": expected with "
              + (rank == null ? "--rank" : "--sparsity")
              + ", which is missing");
    }
    checkValues();
    if (mode == LostMode.PRETRAIN) {
      checkPretrain();
    } else {
      checkCompress(given);
    }
  }

  private void checkValues() {
    if (maxError != null) {
      ErrorLimit.check(maxError);
    }
    GoalOptions.checkRatio(targetRatio);
    GoalOptions.checkBytes(targetBytes);
    atLeastOne("--rank", rank);
    atLeastOne("--complement-rank", complementRank);
    fraction("--sparsity", sparsity);
    fraction("--gamma", gamma);
  }

  private void checkPretrain() {
    if (rank == null) {
      throw new UsageException("--mode pretrain: expected --rank and --sparsity");
    }
    if (gamma == null) {
      throw new UsageException("--gamma: missing with --mode pretrain");
    }
    if (seed != null && rule() != ChannelRule.RANDOM) {
      throw new UsageException("--seed: only for --channels random, got " + rule());
    }
    if (complementRank != null
        && (rule() == ChannelRule.RANDOM || rule() == ChannelRule.WEIGHT_L2)) {
      throw new UsageException(
          "--complement-rank: --channels " + rule() + " looks at no singular triples");
    }
  }

  private void checkCompress(GivenOptions goals) {
    if (goals.isEmpty()) {
      throw new UsageException(
          "one of --max-error, --target-ratio, --target-bytes, --rank with --sparsity is missing");
    }
    Optional<String> ofLayers =
        new GivenOptions()
            .add("--gamma", gamma)
            .add("--channels", channels)
            .add("--complement-rank", complementRank)
            .add("--activation", activation)
            .add("--seed", seed)
            .first();
    if (ofLayers.isPresent()) {
      throw new UsageException(ofLayers.get() + ": only with --mode pretrain");
    }
  }

  private static void atLeastOne(String name, @Nullable Integer value) {
    if (value != null && value < 1) {
      throw new UsageException(name + ": expected a whole number of at least 1, got " + value);
    }
  }

  private static void fraction(String name, @Nullable Double value) {
    if (value != null && !(value >= 0 && value <= 1)) {
      throw new UsageException(name + ": expected a fraction from 0 to 1, got " + value);
    }
  }

  /** The rank that was asked for, if there is one. */
  Optional<Integer> rank() {
    return Optional.ofNullable(rank);
  }
}
