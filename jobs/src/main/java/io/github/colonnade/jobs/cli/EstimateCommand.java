package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Precision;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code colonnade estimate}. */
@Command(
    name = "estimate",
    description = {
      "Takes all blocks as one cluster and prints every bound of its error at a rank beside the"
          + " exact error."
    })
final class EstimateCommand extends ActionCommand<EstimateCommand> {
  @Mixin private InputOptions input = new InputOptions();
  @Mixin private RunOptions run = new RunOptions();

  @Option(
      names = "--rank",
      order = -2,
      required = true,
      paramLabel = "R",
      description = "The rank of the shared basis.")
  private int rank;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      defaultValue = "float64",
      description = {
        "The precision of matrix products: float32 or float64. Default: ${DEFAULT-VALUE}."
      })
  private Precision precision = Precision.FLOAT64;

  EstimateCommand(Action<EstimateCommand> action) {
    super(action);
  }

  InputOptions input() {
    return input;
  }

  RunOptions run() {
    return run;
  }

  int rank() {
    return rank;
  }

  Precision precision() {
    return precision;
  }

  @Override
  EstimateCommand checked() {
    input.check();
    run.check();
    if (rank < 1) {
      throw new UsageException("--rank: expected at least 1, got " + rank);
    }
    return this;
  }
}
