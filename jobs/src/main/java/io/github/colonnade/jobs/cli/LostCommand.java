package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.LostMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code colonnade lost}. */
@Command(
    name = "lost",
    description = {
      "Factors every matrix by itself into a low-rank part and whole columns (LOST): to approximate"
          + " it, or to train a layer from it."
    })
final class LostCommand extends ActionCommand<LostCommand> {
  @Mixin private InputOptions input = new InputOptions();
  @Mixin private LostOptions lost = new LostOptions();
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private ReportOptions report = new ReportOptions();
  @Mixin private TargetOptions run = new TargetOptions();
  @Mixin private DetachOptions detach = new DetachOptions();

  LostCommand(Action<LostCommand> action) {
    super(action);
  }

  InputOptions input() {
    return input;
  }

  LostOptions lost() {
    return lost;
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

  @Override
  LostCommand checked() {
    input.check();
    detach.apply(run);
    report.check(detach);
    run.check();
    lost.check();
    if (lost.mode() == LostMode.PRETRAIN
        && (input.rows().isPresent() || input.columns().isPresent())) {
      throw new UsageException(
          (input.rows().isPresent() ? "--rows" : "--columns")
              + ": a layer is a whole matrix with --mode pretrain");
    }
    return this;
  }
}
