package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;

/** Prints what is in a directory that compress wrote. */
final class Inspect implements Action<InspectCommand> {
  @Override
  public int run(InspectCommand options, Terminal terminal) {
    throw new UsageException("inspect: not built yet");
  }
}
