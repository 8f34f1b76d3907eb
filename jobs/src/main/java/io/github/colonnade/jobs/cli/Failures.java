package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.ManifestException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.util.ExceptionUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Turns whatever ends a command early into a line and an exit code: the mistake of a user is told
 * in one line, anything else is a fault of the program and goes to the log with its stack trace.
 */
final class Failures {
  /** The exceptions whose message is meant for the user. */
  private static final List<Class<? extends Throwable>> USER_ERRORS =
      List.of(UsageException.class, ManifestException.class, FormatException.class);

  /** What the line that tells of a failure begins with. */
  static final String NAME = "colonnade: ";

  private final Terminal terminal;

  Failures(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Tells of options that picocli could not read. */
  int badOption(ParameterException failure, String[] arguments) {
    CommandLine command = failure.getCommandLine();
    line(failure.getMessage());
    terminal.err().println("try " + command.getCommandSpec().qualifiedName() + " --help");
    return ExitCodes.USAGE;
  }

  /** Tells of a command that failed. */
  int failed(Throwable failure) {
    List<Throwable> causes = causes(failure);
    if (Thread.currentThread().isInterrupted()
        || causes.stream().anyMatch(InterruptedException.class::isInstance)) {
      line("interrupted");
      return ExitCodes.INTERRUPTED;
    }
    for (Class<? extends Throwable> type : USER_ERRORS) {
      Optional<? extends Throwable> found = find(failure, type);
      if (found.isPresent()) {
        line(found.get().getMessage());
        return ExitCodes.USAGE;
      }
    }
    Optional<String> store = StoreFailure.line(causes);
    if (store.isPresent()) {
      LoggerFactory.getLogger(Colonnade.class).error("The object store failed", failure);
      line(store.get());
      return ExitCodes.USAGE;
    }
    LoggerFactory.getLogger(Colonnade.class).error("Internal error", failure);
    Throwable root = causes.get(causes.size() - 1);
    line("internal error: " + root + "; details in " + LogFile.path());
    return ExitCodes.INTERNAL_ERROR;
  }

  private void line(@Nullable String message) {
    String text = message == null ? "failed without a message" : message.strip();
    terminal.err().println(NAME + Formats.printable(text.lines().findFirst().orElse("")));
    terminal.err().flush();
  }

  /** Looks also into exceptions that Flink carried from one process or class loader to another. */
  private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> type) {
    List<Throwable> causes = causes(failure);
    for (Throwable cause : causes) {
      if (type.isInstance(cause)) {
        return Optional.of(type.cast(cause));
      }
    }
    // Flink is not loaded for a failure that cannot have come from it.
    boolean fromFlink =
        causes.stream().anyMatch(c -> c.getClass().getName().startsWith("org.apache.flink."));
    return fromFlink
        ? ExceptionUtils.findSerializedThrowable(
            failure, type, Thread.currentThread().getContextClassLoader())
        : Optional.empty();
  }

  private static List<Throwable> causes(Throwable failure) {
    List<Throwable> causes = new ArrayList<>();
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Throwable t = failure; t != null && seen.add(t); t = t.getCause()) {
      causes.add(t);
    }
    return causes;
  }
}
