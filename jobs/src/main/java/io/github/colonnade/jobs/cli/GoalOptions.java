package io.github.colonnade.jobs.cli;

import io.github.colonnade.bounds.LimitSearch;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Goal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a run is to reach: an error limit, a size or a rank. */
final class GoalOptions {

  @Option(
      names = "--max-error",
      order = -2,
      paramLabel = "E",
      description = {
        "The error limit: a fraction of the Frobenius norm, as 0.05. What it holds for is set by"
            + " --scope. Give this or one of the next three."
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
      description = {
        "No error limit: the blocks of each family share one basis of rank R. Their errors are"
            + " measured."
      })
  private @Nullable Integer rank;

  /** The goal, if one was given. */
  Optional<Goal> goal() {
    if (targetRatio != null) {
      return Optional.of(new Goal.Ratio(targetRatio));
    }
    if (targetBytes != null) {
      return Optional.of(new Goal.Bytes(targetBytes));
    }
    if (rank != null) {
      return Optional.of(new Goal.Rank(rank));
    }
    return maxError == null ? Optional.empty() : Optional.of(new Goal.Limit());
  }

  /** The error limit, or the one to begin with; 1 if there is none. */
  double maxError() {
    if (maxError != null) {
      return maxError;
    }
    return rank != null ? 1 : LimitSearch.FIRST;
  }

  /** Refuses all but exactly one goal. */
  void checkOne(CompressionOptions compression) {
    check(compression);
    if (goal().isEmpty()) {
      throw new UsageException(
          "one of --max-error, --target-ratio, --target-bytes, --rank is missing");
    }
  }

  /** Refuses several goals, and those that make no sense. */
  void check(CompressionOptions compression) {
    new GivenOptions()
        .add("--max-error", maxError)
        .add("--target-ratio", targetRatio)
        .add("--target-bytes", targetBytes)
        .add("--rank", rank)
        .checkAtMostOne();
    if (maxError != null) {
      ErrorLimit.check(maxError);
    }
    checkRatio(targetRatio);
    checkBytes(targetBytes);
    if (rank != null) {
      if (rank < 1) {
        throw new UsageException("--rank: expected a whole number of at least 1, got " + rank);
      }
      compression.checkFixedRank();
    }
  }

  /** Refuses a size that no output can have. */
  static void checkBytes(@Nullable Long targetBytes) {
    if (targetBytes != null && targetBytes < 1) {
      throw new UsageException(
          "--target-bytes: expected a whole number of at least 1, got " + targetBytes);
    }
  }

  /** Refuses a ratio that no output can have. */
  static void checkRatio(@Nullable Double targetRatio) {
    if (targetRatio != null && !(targetRatio > 0 && targetRatio < Double.POSITIVE_INFINITY)) {
      throw new UsageException("--target-ratio: expected a number above 0, got " + targetRatio);
    }
  }
}
