package io.github.colonnade.jobs.cli;

import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code colonnade plan}. */
@Command(
    name = "plan",
    description = {
      "Reads only headers and tells what compress would do with the same options: tensors,"
          + " families, bytes, the memory and disk needed, and every mistake in the options."
    })
final class PlanCommand extends ActionCommand<PlanCommand> {
  @Mixin private InputOptions input = new InputOptions();
  @Mixin private CompressionOptions compression = new CompressionOptions();
  @Mixin private RunOptions run = new RunOptions();

  @Option(
      names = "--output",
      order = -3,
      paramLabel = "DIR",
      description = "The directory that compress would write; checked, not written.")
  private @Nullable String output;

  @Option(
      names = "--max-error",
      order = -2,
      paramLabel = "E",
      description = "The error limit that compress would be given.")
  private @Nullable Double maxError;

  PlanCommand(Action<PlanCommand> action) {
    super(action);
  }

  InputOptions input() {
    return input;
  }

  CompressionOptions compression() {
    return compression;
  }

  RunOptions run() {
    return run;
  }

  Optional<String> output() {
    return Optional.ofNullable(output);
  }

  OptionalDouble maxError() {
    return maxError == null ? OptionalDouble.empty() : OptionalDouble.of(maxError);
  }

  @Override
  PlanCommand checked() {
    input.check();
    compression.check();
    run.check();
    maxError().ifPresent(ErrorLimit::check);
    return this;
  }
}
