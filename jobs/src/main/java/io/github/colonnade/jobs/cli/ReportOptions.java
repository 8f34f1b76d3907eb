package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.report.Report;
import java.io.IOException;
import org.slf4j.LoggerFactory;
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
      Report.mustNotBeOther(WriteReport.file(directory), "leave out --report");
    }
  }

  /** Writes the report of a result, or says how. The result is there, whatever becomes of it. */
  void finish(String directory, Terminal terminal) {
    String command = "colonnade report " + Formats.printable(directory);
    if (!report) {
      terminal.out().println("  report    " + command);
      return;
    }
    try {
      WriteReport.write(directory, WriteReport.file(directory), terminal);
    } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
      // Not a constant of this class, which every command loads, and logging takes time to start.
      LoggerFactory.getLogger(ReportOptions.class).warn("No report of {}", directory, e);
      terminal
          .err()
          .println(
              "colonnade: the result is complete, but its report could not be written ("
                  + Formats.printable(String.valueOf(e.getMessage()))
                  + "); try "
                  + command);
    }
  }
}
