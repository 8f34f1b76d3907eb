package io.github.colonnade.jobs.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code colonnade demo}. */
@Command(
    name = "demo",
    description = {
      "Runs compress, verify and inspect on the weights of all-MiniLM-L6-v2, a small language"
          + " model that comes with the build."
    })
final class DemoCommand extends ActionCommand<DemoCommand> {
  /** The system property with the path of the model's ONNX file, set by the launcher. */
  static final String MODEL_PROPERTY = "colonnade.demo.model";

  @Mixin private RunOptions run = new RunOptions();

  @Option(
      names = "--output",
      order = -3,
      paramLabel = "DIR",
      description = {
        "The directory to write; it must not exist. Default: a new temporary directory."
      })
  private @Nullable String output;

  @Option(
      names = "--max-error",
      order = -2,
      paramLabel = "E",
      defaultValue = "0.4",
      description = "The error limit of each block. Default: ${DEFAULT-VALUE}.")
  private double maxError;

  DemoCommand(Action<DemoCommand> action) {
    super(action);
  }

  RunOptions run() {
    return run;
  }

  Optional<String> output() {
    return Optional.ofNullable(output);
  }

  double maxError() {
    return maxError;
  }

  @Override
  DemoCommand checked() {
    output().ifPresent(Locations::mustHaveNoCredentials);
    run.check();
    ErrorLimit.check(maxError);
    return this;
  }
}
