package io.github.colonnade.jobs.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code colonnade diff}. */
@Command(
    name = "diff",
    description = {
      "Compares two results: settings, totals, and what became of each block. Exits with 0 if they"
          + " are equal but for timings, and with 1 if not."
    })
final class DiffCommand extends ActionCommand<DiffCommand> {
  @Parameters(index = "0", paramLabel = "DIR1", description = "A directory that compress wrote.")
  private String first = "";

  @Parameters(index = "1", paramLabel = "DIR2", description = "Another one.")
  private String second = "";

  @Option(names = "--json", description = "Write JSON, with all digits, for programs.")
  private boolean json;

  DiffCommand(Action<DiffCommand> action) {
    super(action);
  }

  String first() {
    return first;
  }

  String second() {
    return second;
  }

  boolean json() {
    return json;
  }

  @Override
  DiffCommand checked() {
    Locations.mustHaveNoCredentials(first);
    Locations.mustHaveNoCredentials(second);
    return this;
  }
}
