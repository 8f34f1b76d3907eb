package io.github.colonnade.jobs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code colonnade verify}. */
@Command(
    name = "verify",
    description = {
      "Reads the originals again, measures every error from the stored factors and compares with"
          + " the manifest. Exits with 1 on any difference or broken limit."
    })
final class VerifyCommand extends ActionCommand<VerifyCommand> {
  @Mixin private RunOptions run = new RunOptions();

  @Parameters(paramLabel = "DIR", description = "A directory that compress wrote.")
  private String directory = "";

  VerifyCommand(Action<VerifyCommand> action) {
    super(action);
  }

  RunOptions run() {
    return run;
  }

  String directory() {
    return directory;
  }

  @Override
  VerifyCommand checked() {
    run.check();
    return this;
  }
}
