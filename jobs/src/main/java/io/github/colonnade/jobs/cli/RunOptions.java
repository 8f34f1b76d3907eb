package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many subtasks the Flink job of a command has side by side. */
final class RunOptions {
  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = {
        "The number of parallel subtasks. Default: the number of processor cores, or of the task"
            + " slots of the cluster."
      })
  private @Nullable Integer parallelism;

  /** What was asked for. */
  OptionalInt given() {
    return parallelism == null ? OptionalInt.empty() : OptionalInt.of(parallelism);
  }

  /** What was asked for, or all cores of this machine. */
  int parallelism() {
    return given().orElse(Runtime.getRuntime().availableProcessors());
  }

  void check() {
    if (parallelism != null && parallelism < 1) {
      throw new UsageException("--parallelism: expected at least 1, got " + parallelism);
    }
  }
}
