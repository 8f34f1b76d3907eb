package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import java.io.Closeable;
import java.io.IOException;
import java.util.UUID;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that appears when it is complete. Until then it is beside its place under a name that
 * begins with a dot; closed before it is complete, it is removed.
 */
public final class IncompleteDirectory implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(IncompleteDirectory.class);

  private final String shown;
  private final Path place;
  private final Path path;
  private final FileSystem fileSystem;
  private boolean complete;

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
      if (!created.fileSystem.mkdirs(path)) {
        throw new UsageException(directory + ": the output cannot be written");
      }
      return created;
    } catch (FormatException e) {
      throw new UsageException(directory + ": " + e.reason(), e);
    } catch (IOException e) {
      throw new UsageException(directory + ": the output cannot be written: " + e.getMessage(), e);
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
    if (!complete) {
      fileSystem.delete(path, true);
    }
  }

  /** Removes the directory as far as that is possible, when there is nobody left to tell. */
  public void discard() {
    try {
      close();
    } catch (IOException e) {
      LOG.warn("Cannot remove {}", path, e);
    }
  }

  private void requireFree() throws IOException {
    if (fileSystem.exists(place)) {
      throw new UsageException(shown + ": it exists; give the name of a new directory");
    }
  }
}
