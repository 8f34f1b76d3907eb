package io.github.colonnade.jobs.cli;

import java.util.Optional;
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
  @Mixin private GoalOptions goal = new GoalOptions();
  @Mixin private CompressionOptions compression = new CompressionOptions();
  @Mixin private RunOptions run = new RunOptions();

  @Option(
      names = "--output",
      order = -3,
      paramLabel = "DIR",
      description = "The directory that compress would write; checked, not written.")
  private @Nullable String output;

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

  GoalOptions goal() {
    return goal;
  }

  @Override
  PlanCommand checked() {
    input.check();
    compression.check();
    run.check();
    goal.check(compression);
    return this;
  }
}
