package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.Version;
import io.github.colonnade.jobs.manifest.LostMode;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** The program {@code colonnade}. */
@Command(
    name = "colonnade",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = Colonnade.ToolVersion.class,
    description = {
      "Compresses collections of matrices with shared low-rank bases and a certified error."
    },
    synopsisSubcommandLabel = "COMMAND",
    usageHelpWidth = 100,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      " 0:success",
      " 1:verification failed: an error differs from the manifest or breaks its limit;"
          + " with diff: the results differ",
      " 2:a mistake in the options or the input; one line says which",
      " 70:a fault of the program; the log file has the details",
      "130:interrupted"
    })
public final class Colonnade {
  private final Terminal terminal;

  @Option(
      names = "--fs",
      scope = ScopeType.INHERIT,
      paramLabel = "KEY=VALUE",
      description = {
        "An option of a file system, as s3.endpoint=https://… May be repeated. Credentials belong"
            + " into Flink's configuration or the environment."
      })
  private Map<String, String> fileSystemOptions = new LinkedHashMap<>();

  Colonnade(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Runs the program and ends the Java process, if that is this program's own. */
  public static void main(String[] arguments) {
    if (FlinkProgram.isCalledByFlink()) {
      FlinkProgram.main(arguments);
      return;
    }
    Terminal terminal =
        new Terminal(
            writer(System.out), writer(System.err), Boolean.getBoolean("colonnade.terminal"));
    int exitCode = run(terminal, arguments);
    terminal.out().flush();
    terminal.err().flush();
    System.exit(exitCode);
  }

  /** Runs the program and returns the exit code. */
  static int run(Terminal terminal, String... arguments) {
    Failures failures = new Failures(terminal);
    try {
      return commandLine(terminal, failures).execute(arguments);
    } catch (Throwable e) { // an Error, which picocli does not hand to its handler
      return failures.failed(e);
    }
  }

  Terminal terminal() {
    return terminal;
  }

  /** By key, as in Flink's configuration. */
  Map<String, String> fileSystemOptions() {
    return Map.copyOf(fileSystemOptions);
  }

  static CommandLine commandLine(Terminal terminal, Failures failures) {
    CommandLine commandLine =
        new CommandLine(new Colonnade(terminal))
            .addSubcommand(new HelpCommand())
            .addSubcommand(new DemoCommand(Actions.demo()))
            .addSubcommand(new PlanCommand(Actions.plan()))
            .addSubcommand(new CompressCommand(Actions.compress()))
            .addSubcommand(new AddCommand(Actions.add()))
            .addSubcommand(new CompactCommand(Actions.compact()))
            .addSubcommand(new LostCommand(Actions.lost()))
            .addSubcommand(new StreamCommand(Actions.stream()))
            .addSubcommand(new VerifyCommand(Actions.verify()))
            .addSubcommand(new InspectCommand(Actions.inspect()))
            .addSubcommand(new ReportCommand(Actions.report()))
            .addSubcommand(new DiffCommand(Actions.diff()))
            .addSubcommand(new ReconstructCommand(Actions.reconstruct()))
            .addSubcommand(new EstimateCommand(Actions.estimate()));
    // Each of these holds for the sub-commands that are there by now.
    registerConverters(commandLine);
    return commandLine
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setParameterExceptionHandler(failures::badOption)
        .setExecutionExceptionHandler((failure, command, parsed) -> failures.failed(failure));
  }

  static void registerConverters(CommandLine commandLine) {
    commandLine
        .registerConverter(Scope.class, word -> choice(Scope.values(), word))
        .registerConverter(LostMode.class, word -> choice(LostMode.values(), word))
        .registerConverter(ChannelRule.class, word -> choice(ChannelRule.values(), word))
        .registerConverter(Activation.class, word -> choice(Activation.values(), word))
        .registerConverter(Precision.class, word -> choice(Precision.values(), word))
        .registerConverter(StoreDtype.class, word -> choice(StoreDtype.values(), word))
        .registerConverter(Transpose.class, word -> choice(Transpose.values(), word));
  }

  private static <E extends Enum<E>> E choice(E[] choices, String word) {
    for (E choice : choices) {
      if (choice.toString().equals(word)) {
        return choice;
      }
    }
    String words = Arrays.stream(choices).map(E::toString).collect(Collectors.joining(", "));
    throw new TypeConversionException("expected one of " + words + ", got " + word);
  }

  /** UTF-8 whatever the locale says: a bare container has none, and its terminal reads UTF-8. */
  static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  /** The version for {@code --version}. */
  static final class ToolVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Version.tool()};
    }
  }
}
