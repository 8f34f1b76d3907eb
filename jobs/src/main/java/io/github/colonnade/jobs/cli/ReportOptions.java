package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.report.Report;
import java.io.IOException;
import picocli.CommandLine.Option;

/** Whether a run ends with a report. */
final class ReportOptions {

  @Option(
      names = "--report",
      description = {
        "Write the report of the result beside it too, as DIR-report.html (see colonnade report)."
      })
  private boolean report;

  /** Checks that the program waits for what the report is about. */
  void check(DetachOptions detach) {
    checkWaits(!detach.detached());
  }

  private void checkWaits(boolean waits) {
    if (report && !waits) {
      throw new UsageException(
          "--report: only where this program waits for the result; leave out --detached, or use"
              + " colonnade report when the job has finished");
    }
  }

  /**
   * Checks, before any work, that the report can be written.
   *
   * @throws UsageException if not
   */
  void check(String directory, Target target) throws IOException {
    checkWaits(target.isAttached());
    check(directory);
  }

  /** The same for a command that always waits. */
  void check(String directory) throws IOException {
    if (report) {
      Report.mustBeWritable(WriteReport.file(directory));
    }
  }

  /** Writes the report of a result, or says how. */
  void finish(String directory, Terminal terminal) throws IOException {
    if (report) {
      WriteReport.write(directory, WriteReport.file(directory), terminal);
    } else {
      terminal.out().println("  report    colonnade report " + Formats.printable(directory));
    }
  }
}
