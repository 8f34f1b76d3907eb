package io.github.colonnade.jobs.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code colonnade verify}. */
@Command(
    name = "verify",
    description = {
      "Reads the originals again, measures every error from the stored factors and compares with"
          + " the manifest. Exits with 1 on any difference or broken limit."
    })
final class VerifyCommand extends ActionCommand<VerifyCommand> {
  @Mixin private TargetOptions run = new TargetOptions();

  @Parameters(paramLabel = "DIR", description = "A directory that compress wrote.")
  private String directory = "";

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = {
        "The weights that compress was given. Default: the file that it was given, where it was."
      })
  private @Nullable String weights;

  VerifyCommand(Action<VerifyCommand> action) {
    super(action);
  }

  TargetOptions run() {
    return run;
  }

  String directory() {
    return directory;
  }

  Optional<String> weights() {
    return Optional.ofNullable(weights);
  }

  @Override
  VerifyCommand checked() {
    Locations.mustHaveNoCredentials(directory);
    run.check();
    return this;
  }
}
