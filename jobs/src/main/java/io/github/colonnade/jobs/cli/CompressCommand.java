package io.github.colonnade.jobs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code colonnade compress}. */
@Command(
    name = "compress",
    description = "Compresses a collection of matrices and writes a certificate of every error.")
final class CompressCommand extends ActionCommand<CompressCommand> {
  @Mixin private InputOptions input = new InputOptions();
  @Mixin private GoalOptions goal = new GoalOptions();
  @Mixin private CompressionOptions compression = new CompressionOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private RunOptions run = new RunOptions();

  CompressCommand(Action<CompressCommand> action) {
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

  String output() {
    return output.directory();
  }

  GoalOptions goal() {
    return goal;
  }

  @Override
  CompressCommand checked() {
    input.check();
    compression.check();
    run.check();
    goal.checkOne(compression);
    return this;
  }
}
