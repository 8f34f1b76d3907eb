package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.flink.Callers;
import io.github.colonnade.jobs.flink.SubmittedTarget;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * The program {@code colonnade} as Flink runs it, with the same arguments: {@code flink run
 * colonnade-job.jar compress …}, an upload through REST, or application mode.
 *
 * <p>In Flink's command line it ends the process with the exit code of the command. In a JobManager
 * it must not; there a failure is an exception whose message is the line that a user is told.
 */
public final class FlinkProgram {

  /** A command that failed, for whoever shows exceptions. */
  private static final class CommandFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailed(String line) {
      super(line, null, false, false);
    }
  }

  private static final String CALLER = "org.apache.flink.client.program.PackagedProgram";

  private FlinkProgram() {}

  /** Whether Flink called the main method, of whichever class. */
  static boolean isCalledByFlink() {
    return Callers.include(CALLER);
  }

  /** Runs the command. */
  public static void main(String[] arguments) {
    StringWriter told = new StringWriter();
    boolean client = SubmittedTarget.isInClient();
    PrintWriter err = client ? Colonnade.writer(System.err) : new PrintWriter(told, true);
    PrintWriter out = Colonnade.writer(System.out);
    int exitCode = Colonnade.run(new Terminal(out, err, false), arguments);
    out.flush();
    err.flush();
    if (exitCode == ExitCodes.OK) {
      return;
    }
    if (client) {
      System.exit(exitCode);
    }
    throw new CommandFailed(
        told.toString()
            .lines()
            .filter(line -> line.startsWith(Failures.NAME))
            .findFirst()
            .orElse("colonnade ended with exit code " + exitCode));
  }
}
