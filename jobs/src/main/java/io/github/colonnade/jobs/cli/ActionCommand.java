package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.flink.FileSystems;
import io.github.colonnade.jobs.flink.SubmittedTarget;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParentCommand;

/**
 * A command that checks its options and hands itself to its action.
 *
 * @param <C> the command
 */
abstract class ActionCommand<C> implements Callable<Integer> {
  private final Action<C> action;

  @ParentCommand private @Nullable Colonnade parent;

  ActionCommand(Action<C> action) {
    this.action = action;
  }

  /** This command, after its options were found to be right. */
  abstract C checked();

  @Override
  public final Integer call() throws Exception {
    if (parent == null) {
      throw new IllegalStateException("not a sub-command of colonnade");
    }
    C command = checked();
    if (usesFileSystems()) {
      if (!SubmittedTarget.isHere()) {
        FileSystems.initialize(parent.fileSystemOptions());
      } else if (!parent.fileSystemOptions().isEmpty()) {
        throw new UsageException(
            "--fs: Flink runs this program and has its file systems; put their options into its"
                + " configuration");
      }
    }
    return action.run(command, parent.terminal());
  }

  /** Whether the command may read or write through Flink, which takes time to load. */
  boolean usesFileSystems() {
    return true;
  }
}
