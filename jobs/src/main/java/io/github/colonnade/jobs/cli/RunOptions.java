package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the Flink job of a command runs. */
final class RunOptions {
  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "The number of parallel subtasks. Default: the number of processor cores.")
  private @Nullable Integer parallelism;

  int parallelism() {
    return parallelism == null ? Runtime.getRuntime().availableProcessors() : parallelism;
  }

  void check() {
    if (parallelism != null && parallelism < 1) {
      throw new UsageException("--parallelism: expected at least 1, got " + parallelism);
    }
  }
}
