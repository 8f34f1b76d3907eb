package io.github.colonnade.jobs.cli;

import picocli.CommandLine.Option;

/** Where a run writes. */
final class OutputOptions {

  @Option(
      names = "--output",
      order = -3,
      required = true,
      paramLabel = "DIR",
      description = "The directory to write, a path or a URI. It must not exist.")
  private String directory = "";

  String directory() {
    return directory;
  }
}
