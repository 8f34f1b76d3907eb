package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;

/** The check of {@code --max-error}. */
final class ErrorLimit {
  private ErrorLimit() {}

  static void check(double maxError) {
    if (!(maxError >= 0 && maxError < 1)) {
      throw new UsageException(
          "--max-error: expected a fraction from 0 to less than 1, got " + maxError);
    }
  }
}
