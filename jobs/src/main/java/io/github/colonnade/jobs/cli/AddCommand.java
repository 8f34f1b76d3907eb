package io.github.colonnade.jobs.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code colonnade add}. */
@Command(
    name = "add",
    description = {
      "Adds the tensors of more inputs to a compressed collection, with its settings. What is"
          + " there stays as it is, and its originals are not needed. Tensors that it has already"
          + " are left out."
    })
final class AddCommand extends ActionCommand<AddCommand> {
  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description = "Files or directories, as for compress; paths or URIs.")
  private List<String> inputs = new ArrayList<>();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The compressed collection, a path or a URI.")
  private String directory = "";

  @Mixin private ReportOptions report = new ReportOptions();
  @Mixin private TargetOptions run = new TargetOptions();

  AddCommand(Action<AddCommand> action) {
    super(action);
  }

  List<String> inputs() {
    return List.copyOf(inputs);
  }

  String directory() {
    return directory;
  }

  ReportOptions report() {
    return report;
  }

  TargetOptions run() {
    return run;
  }

  @Override
  AddCommand checked() {
    run.check();
    return this;
  }
}
