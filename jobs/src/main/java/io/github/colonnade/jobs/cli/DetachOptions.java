package io.github.colonnade.jobs.cli;

import picocli.CommandLine.Option;

/** Of commands whose job may go on by itself. */
final class DetachOptions {

  @Option(
      names = "--detached",
      description = {
        "Submit the job to the cluster and end; it goes on there, and its output appears when it is"
            + " complete."
      })
  private boolean detached;

  boolean detached() {
    return detached;
  }

  /** Hands it on to where jobs run. */
  void apply(TargetOptions target) {
    if (detached) {
      target.detach();
    }
  }
}
