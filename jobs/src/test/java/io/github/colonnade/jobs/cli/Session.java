package io.github.colonnade.jobs.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/** One call of the program, with what it wrote. */
final class Session {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  final Terminal terminal =
      new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false);
  final int exitCode;

  private Session(Call call) {
    exitCode = call.on(terminal);
  }

  static Session run(String... arguments) {
    return new Session(terminal -> Colonnade.run(terminal, arguments));
  }

  /** A call whose command failed. */
  static Session failing(Throwable failure) {
    return new Session(terminal -> new Failures(terminal).failed(failure));
  }

  String out() {
    return out.toString().replace(System.lineSeparator(), "\n");
  }

  List<String> err() {
    return err.toString().lines().toList();
  }

  private interface Call {
    int on(Terminal terminal);
  }
}
