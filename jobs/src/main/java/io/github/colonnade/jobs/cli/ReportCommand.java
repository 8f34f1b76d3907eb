package io.github.colonnade.jobs.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code colonnade report}. */
@Command(
    name = "report",
    description = {
      "Writes one HTML file that shows a compressed collection: where the saving comes from, its"
          + " clusters, errors, bounds and spectra. It needs no network."
    })
final class ReportCommand extends ActionCommand<ReportCommand> {
  @Parameters(paramLabel = "DIR", description = "A directory that compress wrote, a path or a URI.")
  private String directory = "";

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = {
        "The file to write; an older report is replaced. Default: DIR-report.html beside DIR, or in"
            + " the working directory if DIR is in an object store."
      })
  private @Nullable String output;

  ReportCommand(Action<ReportCommand> action) {
    super(action);
  }

  String directory() {
    return directory;
  }

  Optional<String> output() {
    return Optional.ofNullable(output);
  }

  @Override
  ReportCommand checked() {
    Locations.mustHaveNoCredentials(directory);
    return this;
  }
}
