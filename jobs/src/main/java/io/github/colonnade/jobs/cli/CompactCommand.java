package io.github.colonnade.jobs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code colonnade compact}. */
@Command(
    name = "compact",
    description = {
      "Compresses all tensors of a collection that has grown again, together, which takes fewer"
          + " numbers. Their originals are needed. The collection is replaced in one step."
    })
final class CompactCommand extends ActionCommand<CompactCommand> {
  @Parameters(
      arity = "1",
      paramLabel = "DIR",
      description = "The compressed collection, a path or a URI.")
  private String directory = "";

  @Mixin private TargetOptions run = new TargetOptions();

  CompactCommand(Action<CompactCommand> action) {
    super(action);
  }

  String directory() {
    return directory;
  }

  TargetOptions run() {
    return run;
  }

  @Override
  CompactCommand checked() {
    run.check();
    return this;
  }
}
