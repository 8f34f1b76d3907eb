package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.report.Report;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Writes the page of a collection and says where it is. */
final class WriteReport implements Action<ReportCommand> {

  @Override
  public int run(ReportCommand command, Terminal terminal) throws IOException {
    Path file =
        command.output().isPresent() ? path(command.output().get()) : file(command.directory());
    Report.mustBeWritable(file);
    write(command.directory(), file, terminal);
    return ExitCodes.OK;
  }

  /** Writes the report of a collection, and a line about it. */
  static void write(String directory, Path file, Terminal terminal) throws IOException {
    Report.of(Locations.absolute(directory)).write(file);
    terminal.out().println("  report    " + Formats.printable(file.toString()));
  }

  /**
   * Where the report of a collection goes if nobody says: beside the directory, since what is in it
   * is the collection's.
   */
  static Path file(String directory) throws IOException {
    org.apache.flink.core.fs.Path location = InputFiles.qualify(Locations.absolute(directory));
    String name = location.getName().isEmpty() ? "" : location.getName() + "-";
    boolean local = "file".equals(location.toUri().getScheme());
    Path folder =
        local && location.getParent() != null
            ? Path.of(location.getParent().getPath())
            : Path.of("");
    return folder.resolve(name + "report.html").toAbsolutePath();
  }

  private static Path path(String file) {
    if (Locations.isUri(file)) {
      throw new UsageException("--output: a report is written to a local file, got " + file);
    }
    try {
      return Path.of(file).toAbsolutePath().normalize();
    } catch (InvalidPathException e) {
      throw new UsageException("--output: not a path: " + e.getReason(), e);
    }
  }
}
