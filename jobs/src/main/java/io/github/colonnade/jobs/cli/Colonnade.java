package io.github.colonnade.jobs.cli;

import picocli.CommandLine.Command;

/** The program {@code colonnade}. */
@Command(
    name = "colonnade",
    description =
        "Compresses collections of matrices with shared low-rank bases and a certified error.",
    synopsisSubcommandLabel = "COMMAND")
public final class Colonnade implements Runnable {
  private final Terminal terminal;

  Colonnade(Terminal terminal) {
    this.terminal = terminal;
  }

  Terminal terminal() {
    return terminal;
  }

  @Override
  public void run() {}

  public static void main(String[] arguments) {}
}
