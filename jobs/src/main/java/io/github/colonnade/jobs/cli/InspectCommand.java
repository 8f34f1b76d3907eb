package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code colonnade inspect}. */
@Command(name = "inspect", description = "Prints what is in a directory that compress wrote.")
final class InspectCommand extends ActionCommand<InspectCommand> {
  @Parameters(paramLabel = "DIR", description = "A directory that compress wrote.")
  private String directory = "";

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "20",
      description = "Show the N clusters with the most blocks. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Option(names = "--all", description = "Show all clusters and all rejected tensors.")
  private boolean all;

  InspectCommand(Action<InspectCommand> action) {
    super(action);
  }

  String directory() {
    return directory;
  }

  /** The number of rows to show of a long table. */
  int top() {
    return all ? Integer.MAX_VALUE : top;
  }

  @Override
  boolean usesFileSystems() {
    return Locations.isUri(directory);
  }

  @Override
  InspectCommand checked() {
    Locations.mustHaveNoCredentials(directory);
    if (top < 1) {
      throw new UsageException("--top: expected at least 1, got " + top);
    }
    return this;
  }
}
