package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import java.io.Closeable;
import java.io.IOException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that appears when it is complete. Until then it is beside its place under a name that
 * begins with a dot; closed before it is complete, it is removed.
 *
 * <p>When the process is asked to end, the thread that made it is interrupted, and the process
 * waits until that has closed it.
 */
public final class IncompleteDirectory implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(IncompleteDirectory.class);

  /** Tasks end after what they do, such as a decomposition; not all is worth waiting for. */
  private static final int CLOSE_SECONDS = 15;

  private final String shown;
  private final Path place;
  private final Path path;
  private final FileSystem fileSystem;
  private final Thread owner = Thread.currentThread();
  private final Thread hook = new Thread(this::end, "end");
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean complete;

  private IncompleteDirectory(String shown, Path place, Path path, FileSystem fileSystem) {
    this.shown = shown;
    this.place = place;
    this.path = path;
    this.fileSystem = fileSystem;
  }

  /**
   * Makes an empty directory beside the one to be written.
   *
   * @param directory a path or a URI
   * @throws UsageException if there is something already, or it cannot be written
   */
  public static IncompleteDirectory create(String directory) {
    try {
      Path place = InputFiles.qualify(directory);
      Path parent = place.getParent();
      if (parent == null) {
        throw new UsageException(directory + ": this is no directory that can be written anew");
      }
      Path path = new Path(parent, "." + place.getName() + ".incomplete-" + UUID.randomUUID());
      IncompleteDirectory created =
          new IncompleteDirectory(directory, place, path, place.getFileSystem());
      created.requireFree();
      created.make();
      return created;
    } catch (FormatException e) {
      throw new UsageException(directory + ": " + e.reason(), e);
    } catch (IOException e) {
      throw new UsageException(directory + ": the output cannot be written: " + e.getMessage(), e);
    }
  }

  private void make() throws IOException {
    Runtime.getRuntime().addShutdownHook(hook);
    boolean made = false;
    try {
      made = fileSystem.mkdirs(path);
    } finally {
      if (!made) {
        close();
      }
    }
    if (!made) {
      throw new UsageException(shown + ": the output cannot be written");
    }
  }

  /** Where to write. */
  public Path path() {
    return path;
  }

  /**
   * Puts the directory in its place.
   *
   * @throws UsageException if something has appeared there in the meantime
   */
  public void complete() throws IOException {
    requireFree();
    if (!fileSystem.rename(path, place)) {
      throw new IOException(path + " could not be renamed to " + place);
    }
    complete = true;
  }

  @Override
  public void close() throws IOException {
    try {
      remove();
    } finally {
      closed.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.debug("The process is ending", e);
      }
    }
  }

  private void remove() throws IOException {
    if (!complete) {
      fileSystem.delete(path, true);
    }
  }

  /** The process is asked to end: so is the owner, and it may take its time to close. */
  private void end() {
    owner.interrupt();
    try {
      if (!closed.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        remove();
      }
    } catch (IOException e) {
      LOG.warn("Cannot remove {}", path, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void requireFree() throws IOException {
    if (fileSystem.exists(place)) {
      throw new UsageException(shown + ": it exists; give the name of a new directory");
    }
  }
}
