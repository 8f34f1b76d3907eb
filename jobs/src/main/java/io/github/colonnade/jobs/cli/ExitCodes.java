package io.github.colonnade.jobs.cli;

/** The exit codes of every command. */
final class ExitCodes {
  static final int OK = 0;
  static final int VERIFICATION_FAILED = 1;
  static final int DIFFERENT = 1;
  static final int USAGE = 2;
  static final int INTERNAL_ERROR = 70;
  static final int INTERRUPTED = 130;

  private ExitCodes() {}
}
