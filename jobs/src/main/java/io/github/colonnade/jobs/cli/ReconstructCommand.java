package io.github.colonnade.jobs.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code colonnade reconstruct}. */
@Command(
    name = "reconstruct",
    description = {
      "Writes dense safetensors with the original names, shapes, number formats and shards."
    })
final class ReconstructCommand extends ActionCommand<ReconstructCommand> {
  @Mixin private OutputOptions output = new OutputOptions();
  @Mixin private TargetOptions run = new TargetOptions();

  @Parameters(paramLabel = "DIR", description = "A directory that compress wrote.")
  private String directory = "";

  @Option(
      names = "--only",
      paramLabel = "TENSOR",
      description = "Write only the tensor of this name. May be repeated.")
  private List<String> only = new ArrayList<>();

  ReconstructCommand(Action<ReconstructCommand> action) {
    super(action);
  }

  TargetOptions run() {
    return run;
  }

  String directory() {
    return directory;
  }

  String output() {
    return output.directory();
  }

  /** The tensors to write; none means all. */
  List<String> only() {
    return List.copyOf(only);
  }

  @Override
  ReconstructCommand checked() {
    Locations.mustHaveNoCredentials(directory);
    Locations.mustHaveNoCredentials(output());
    run.check();
    return this;
  }
}
