package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs compress, verify and inspect on real weights by their own command lines, and shows those.
 */
final class Demo implements Action<DemoCommand> {

  @Override
  public int run(DemoCommand command, Terminal terminal) throws IOException {
    String model = System.getProperty(DemoCommand.MODEL_PROPERTY, "");
    if (model.isEmpty() || !Files.exists(Path.of(model))) {
      throw new UsageException(
          "the demo's model is not there; start the demo with jobs/bin/colonnade, which fetches it"
              + " when it builds (COLONNADE_REBUILD=1 builds again)");
    }
    String output =
        command.output().isPresent()
            ? command.output().get()
            : Files.createTempDirectory("colonnade-demo").resolve("compressed").toString();
    String parallelism = Integer.toString(command.run().parallelism());
    List<String[]> steps =
        List.of(
            new String[] {
              "compress",
              model,
              "--output",
              output,
              "--max-error",
              Double.toString(command.maxError()),
              "--rows",
              "384",
              "--columns",
              "64",
              "--parallelism",
              parallelism
            },
            new String[] {"verify", output, "--parallelism", parallelism},
            new String[] {"inspect", output});
    for (String[] step : steps) {
      terminal.out().println("$ colonnade " + String.join(" ", step));
      int exitCode = Colonnade.run(terminal, step);
      terminal.out().println();
      terminal.out().flush();
      if (exitCode != ExitCodes.OK) {
        return exitCode;
      }
    }
    return ExitCodes.OK;
  }
}
