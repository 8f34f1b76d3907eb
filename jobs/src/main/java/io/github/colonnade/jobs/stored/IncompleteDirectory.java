package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.flink.FileSystems;
import io.github.colonnade.jobs.manifest.Manifest;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A directory that appears when it is complete. Closed before it is complete, it is removed.
 *
 * <p>Until then it is beside its place under a name that begins with a dot. In an object store,
 * where nothing can be renamed in one step, it is in its place from the start, with a marker whose
 * name begins with a dot; there a manifest, written last and in one step, is what makes it a
 * result. Two runs that begin to write to one place at a time see each other's markers. A run
 * removes only what it wrote itself, and finishes only while its own marker is there.
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

  /** Tells whether what is written in place has become part of something that is complete. */
  public interface Publication {
    boolean isPublished() throws IOException;
  }

  private final Path path;
  private final FileSystem fileSystem;
  private final boolean inPlace;

  /** Whether the directory that the place is in was made for it. */
  private final boolean newParent;

  private final Path marker;
  private final Thread owner = Thread.currentThread();
  private final Thread hook = new Thread(this::end, "end");
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean complete;
  private volatile BooleanSupplier mayBeWritten = () -> false;

  /** Whether what is in the place is of this run: its marker was the only thing there. */
  private volatile boolean owned;

  private java.nio.file.@Nullable Path work;

  private final @Nullable Publication publication;

  /** Whether a run of the same name has begun it before, and its job may be at work. */
  private final boolean begun;

  private IncompleteDirectory(
      String shown, Path place, Optional<String> run, @Nullable Publication publication)
      throws IOException {
    this.publication = publication;
    String name = TensorLister.UNFINISHED + run.orElseGet(() -> UUID.randomUUID().toString());
    this.shown = shown;
    this.place = place;
    this.fileSystem = place.getFileSystem();
    this.inPlace = FileSystems.isObjectStore(place);
    this.newParent = !inPlace && !fileSystem.exists(place.getParent());
    this.path = inPlace ? place : new Path(place.getParent(), "." + place.getName() + name);
    this.marker = new Path(place, name);
    this.begun = run.isPresent() && fileSystem.exists(marker());
    this.complete = begun;
  }

  /** Whether a run of this name has begun the directory and did not complete or remove it. */
  public static boolean isBegun(String directory, Optional<String> run) throws IOException {
    return run.isPresent()
        && new IncompleteDirectory(directory, InputFiles.qualify(directory), run, null).begun;
  }

  /**
   * Makes an empty directory beside the one to be written.
   *
   * @param directory a path or a URI
   * @throws UsageException if there is something already, or it cannot be written
   */
  public static IncompleteDirectory create(String directory) {
    return create(directory, Optional.empty(), null);
  }

  /**
   * As {@link #create(String)}, by a run that may go on with what it has begun, and then leaves it
   * to the job that is at work.
   *
   * @param run its name; see {@link io.github.colonnade.jobs.flink.Target#run()}
   */
  public static IncompleteDirectory create(String directory, Optional<String> run) {
    return create(directory, run, null);
  }

  /**
   * As {@link #create(String)}, for files that something outside of the directory comes to name.
   *
   * @param publication whether that is so; null if the directory has a manifest then
   */
  public static IncompleteDirectory create(String directory, @Nullable Publication publication) {
    return create(directory, Optional.empty(), publication);
  }

  private static IncompleteDirectory create(
      String directory, Optional<String> run, @Nullable Publication publication) {
    try {
      Path place = InputFiles.qualify(directory);
      if (place.getParent() == null) {
        throw new UsageException(directory + ": this is no directory that can be written anew");
      }
      IncompleteDirectory created = new IncompleteDirectory(directory, place, run, publication);
      if (!created.begun) {
        created.requireFree();
        created.make();
      }
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
      made = inPlace ? mark() : fileSystem.mkdirs(path);
    } finally {
      if (!made) {
        close();
      }
    }
    if (!made) {
      throw new UsageException(shown + ": the output cannot be written");
    }
  }

  /** Takes the place, and looks whether another run did so at the same time. */
  private boolean mark() throws IOException {
    AtomicFile.requireSupport(shown, place);
    fileSystem.create(marker, FileSystem.WriteMode.NO_OVERWRITE).close();
    FileStatus[] children = fileSystem.listStatus(place);
    // A run that is just being removed may be of the same name, so that not even the marker is
    // left.
    if (children == null
        || children.length != 1
        || !children[0].getPath().getName().equals(marker.getName())) {
      throw new UsageException(
          shown + ": another run writes to it too; give the name of a new directory");
    }
    owned = true;
    return true;
  }

  /** Where to write: beside the place, or in an object store the place itself. */
  public Path path() {
    return path;
  }

  /** Whether it is in its place from the start, as in an object store. */
  public boolean isInPlace() {
    return inPlace;
  }

  /** What is there until this is complete or removed; nobody may complete it without. */
  public Path marker() {
    return inPlace ? marker : path;
  }

  /**
   * A directory for what is no part of the result: the same as {@link #path()}, or in an object
   * store one on the local disk. It is removed when this is closed.
   */
  public Path work() throws IOException {
    if (!inPlace) {
      return path;
    }
    if (work == null) {
      work = Files.createTempDirectory("colonnade-work-");
    }
    return new Path(work.toUri());
  }

  /**
   * Puts a finished directory within {@link #work()} in this one's place.
   *
   * @throws UsageException if something has appeared there in the meantime
   */
  public void complete(Path finished) throws IOException {
    if (inPlace) {
      List<Path> files = new ArrayList<>();
      for (FileStatus file : finished.getFileSystem().listStatus(finished)) {
        files.add(file.getPath());
      }
      // The manifest makes it a result, so it comes last.
      files.sort(Comparator.comparing(file -> file.getName().equals(Manifest.FILE_NAME)));
      for (Path file : files) {
        if (file.getName().equals(Manifest.FILE_NAME)) {
          requireMarker(fileSystem, marker, shown);
        }
        try (InputStream in = InputFiles.open(file)) {
          AtomicFile.write(new Path(place, file.getName()), in::transferTo);
        }
      }
      completed();
    } else {
      requireFree();
      rename(finished);
    }
  }

  /** Says that a job has put the directory in its place itself. */
  public void completed() throws IOException {
    complete = true;
    if (inPlace) {
      fileSystem.delete(marker, false);
    }
  }

  /**
   * Puts the directory in its place.
   *
   * @throws UsageException if something has appeared there in the meantime
   */
  public void complete() throws IOException {
    requireMarker(fileSystem, marker(), shown);
    if (inPlace) {
      completed();
    } else {
      requireFree();
      rename(path);
      complete = true;
    }
  }

  private void rename(Path from) throws IOException {
    if (!fileSystem.rename(from, place)) {
      throw new IOException(from + " could not be renamed to " + place);
    }
  }

  /**
   * Leaves it alone when this is closed while a job may write to it, which completes it when this
   * program may be gone.
   *
   * @param written asked when this is closed before it is complete
   * @return this
   */
  public IncompleteDirectory leftWhile(BooleanSupplier written) {
    mayBeWritten = written;
    return this;
  }

  @Override
  public void close() throws IOException {
    // A store does nothing for a thread that is interrupted, as one is that is asked to end.
    boolean interrupted = Thread.interrupted();
    try {
      remove();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      closed.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        LOG.debug("The process is ending", e);
      }
    }
  }

  private void remove() throws IOException {
    if (work != null) {
      Path local = new Path(work.toUri());
      local.getFileSystem().delete(local, true);
    }
    if (complete || mayBeWritten.getAsBoolean()) {
      return;
    }
    if (inPlace) {
      removeInPlace();
    } else {
      fileSystem.delete(path, true);
      removeNewParent();
    }
  }

  private void removeNewParent() throws IOException {
    Path parent = place.getParent();
    if (newParent && fileSystem.exists(parent) && fileSystem.listStatus(parent).length == 0) {
      fileSystem.delete(parent, false);
    }
  }

  /**
   * The marker goes first: whoever still works for this run finds that it may not finish. Only what
   * was there with the marker is removed, since afterwards another run may take the place.
   */
  private void removeInPlace() throws IOException {
    FileStatus @Nullable [] children = owned ? fileSystem.listStatus(place) : null;
    fileSystem.create(removal(marker), FileSystem.WriteMode.OVERWRITE).close();
    fileSystem.delete(marker, false);
    if (children != null && !isPublished()) {
      for (FileStatus child : children) {
        if (!child.getPath().getName().startsWith(TensorLister.UNFINISHED)) {
          fileSystem.delete(child.getPath(), child.isDir());
        }
      }
    }
    fileSystem.delete(removal(marker), false);
    try {
      // Some stores leave an entry for the directory.
      fileSystem.delete(place, false);
    } catch (IOException e) {
      LOG.debug("{} is not empty", place, e);
    }
  }

  /** What is there while the files of a run are removed. */
  private static Path removal(Path marker) {
    return marker.suffix(".removed");
  }

  /**
   * Whether a run in an object store is being removed, so that what it publishes must be taken
   * back. Without this its marker may be gone because the same work was done twice, and the other
   * time has come to its end.
   *
   * @param marker what {@link #marker()} gave
   */
  public static boolean isBeingRemoved(FileSystem fileSystem, Path marker) throws IOException {
    return fileSystem.exists(removal(marker));
  }

  /** What may have been published is kept. */
  private boolean isPublished() {
    try {
      return publication == null
          ? fileSystem.exists(new Path(place, Manifest.FILE_NAME))
          : publication.isPublished();
    } catch (IOException | RuntimeException e) {
      LOG.warn("It is not known whether {} was published, so it is kept", place, e);
      return true;
    }
  }

  /**
   * Checks that a run still owns the place to which it is about to give its result.
   *
   * @param marker what {@link #marker()} gave
   * @param shown the place as the user knows it
   * @throws UsageException if it was removed in the meantime
   */
  public static void requireMarker(FileSystem fileSystem, Path marker, String shown)
      throws IOException {
    if (!fileSystem.exists(marker)) {
      Path folder = marker.getParent().getParent();
      if (!FileSystems.isObjectStore(marker) && folder != null && !fileSystem.exists(folder)) {
        throw new FileNotFoundException(folder + " is not there; it may come back");
      }
      throw new UsageException(
          shown
              + ": what this run wrote was removed before it was complete; run again with the name"
              + " of a new directory");
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
      throw new UsageException(
          shown
              + (inPlace && !fileSystem.exists(new Path(place, Manifest.FILE_NAME))
                  ? ": there are files of an unfinished run, or others; remove them, or give the"
                      + " name of a new directory"
                  : ": it exists; give the name of a new directory"));
    }
  }
}
