package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Goal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code colonnade compress}. */
@Command(
    name = "compress",
    description = "Compresses a collection of matrices and writes a certificate of every error.")
final class CompressCommand extends ActionCommand<CompressCommand> {
  @Mixin private InputOptions input = new InputOptions();
  @Mixin private GoalOptions goal = new GoalOptions();
  @Mixin private CompressionOptions compression = new CompressionOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private ReportOptions report = new ReportOptions();

  @Option(
      names = "--resume",
      description = {
        "Keep what is done beside the output, and go on from there if a run with --resume was"
            + " stopped before."
      })
  private boolean resume;

  @Mixin private TargetOptions run = new TargetOptions();
  @Mixin private DetachOptions detach = new DetachOptions();

  CompressCommand(Action<CompressCommand> action) {
    super(action);
  }

  InputOptions input() {
    return input;
  }

  CompressionOptions compression() {
    return compression;
  }

  boolean resume() {
    return resume;
  }

  TargetOptions run() {
    return run;
  }

  String output() {
    return output.directory();
  }

  ReportOptions report() {
    return report;
  }

  GoalOptions goal() {
    return goal;
  }

  @Override
  CompressCommand checked() {
    input.check();
    compression.check();
    detach.apply(run);
    report.check(detach);
    run.check();
    goal.checkOne(compression);
    if (resume && goal.goal().orElseThrow() instanceof Goal.Target) {
      throw new UsageException("--resume: only with --max-error or --rank");
    }
    return this;
  }
}
