package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.stored.AtomicFile;
import io.github.colonnade.jobs.stored.Listing;
import java.io.DataInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.checkpoint.Checkpoints;

/**
 * What a stream keeps in its output beside the collection: below {@value #STATE}, the settings it
 * was begun with, which run writes, and the checkpoints that it goes on from. It goes when the
 * stream has come to its end.
 */
public final class StreamPlace {

  private static final String STATE = ".stream";
  private static final String SETTINGS = "settings";
  private static final String OWNER = "owner";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String TEMPORARY = "tmp";

  /** What the names of checkpoints begin with. */
  private static final String NUMBERED = "chk-";

  /** The file that a checkpoint has when it is complete. */
  private static final String COMPLETE = "_metadata";

  private final Path output;
  private final FileSystem fileSystem;

  /**
   * @param output the directory of the collection, a URI
   */
  public StreamPlace(String output) throws IOException {
    this.output = new Path(output);
    this.fileSystem = this.output.getFileSystem();
  }

  /** Where temporary files go: for a local output into it, so that all is in one place. */
  static Path spool(Path output) throws IOException {
    if (output.getFileSystem().isDistributedFS()) {
      return new Path(System.getProperty("java.io.tmpdir", "/tmp"));
    }
    Path spool = new Path(output, STATE + "/" + TEMPORARY);
    spool.getFileSystem().mkdirs(spool);
    return spool;
  }

  /** Where the job's checkpoints go, a URI. */
  public String checkpoints() {
    return path(CHECKPOINTS).toString();
  }

  /** Where a savepoint must go for the stream to go on from it, a URI. */
  public String savepoints() {
    return path(CHECKPOINTS + "/stopped").toString();
  }

  /** Whether the output has nothing but what a stream makes before it has begun. */
  public boolean isEmpty() throws IOException {
    return Listing.of(output).stream().allMatch(each -> each.getPath().getName().equals(STATE));
  }

  /** The settings that the stream was begun with; empty if there is none here. */
  public Optional<String> settings() throws IOException {
    return text(SETTINGS);
  }

  /** Begins a stream. */
  public void begin(String settings) throws IOException {
    write(SETTINGS, settings);
  }

  /** Makes a run the one that writes; another that still runs fails when it is to write next. */
  public void own(String run) throws IOException {
    write(OWNER, run);
  }

  /** Whether this run is the one that writes. */
  public boolean isOwnedBy(String run) throws IOException {
    return text(OWNER).orElse("").equals(run);
  }

  /**
   * Checks that this run still is the one that writes.
   *
   * @throws UsageException if another has begun
   */
  void requireOwner(String run) throws IOException {
    if (!isOwnedBy(run)) {
      throw new UsageException(
          output
              + ": another run of colonnade stream writes into this collection now; this one has"
              + " ended and lost nothing");
    }
  }

  /**
   * A checkpoint or savepoint that is complete.
   *
   * @param number which goes on when a run goes on, whatever the clocks say
   */
  private record Complete(Path directory, long number, long modified) {}

  /** The newest complete checkpoint or savepoint, a URI; empty if there is none. */
  public Optional<String> newestCheckpoint() throws IOException {
    List<Complete> complete = new ArrayList<>();
    for (FileStatus job : Listing.of(path(CHECKPOINTS))) {
      for (FileStatus checkpoint : Listing.of(job.getPath())) {
        Optional<FileStatus> metadata = metadata(checkpoint.getPath());
        if (metadata.isPresent()) {
          complete.add(
              new Complete(
                  checkpoint.getPath(),
                  number(metadata.get().getPath()),
                  metadata.get().getModificationTime()));
        }
      }
    }
    return complete.stream()
        .max(Comparator.comparingLong(Complete::number).thenComparingLong(Complete::modified))
        .map(each -> each.directory().toString());
  }

  /** Nothing if the checkpoint was not completed. */
  private Optional<FileStatus> metadata(Path checkpoint) throws IOException {
    try {
      return Optional.of(fileSystem.getFileStatus(new Path(checkpoint, COMPLETE)));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  /**
   * The number of a checkpoint, from the name of its directory, as {@code chk-17}, or of a
   * savepoint, which has it inside.
   */
  private long number(Path metadata) throws IOException {
    String name = metadata.getParent().getName();
    if (name.startsWith(NUMBERED)) {
      return Long.parseLong(name.substring(NUMBERED.length()));
    }
    try (DataInputStream in = new DataInputStream(InputFiles.open(metadata))) {
      return Checkpoints.loadCheckpointMetadata(
              in, StreamPlace.class.getClassLoader(), metadata.toString())
          .getCheckpointId();
    }
  }

  /** Removes what a run that was killed had in hand. */
  public void removeTemporary() throws IOException {
    fileSystem.delete(path(TEMPORARY), true);
  }

  /** Removes everything that the stream kept, the settings last. */
  public void remove() throws IOException {
    removeTemporary();
    fileSystem.delete(path(CHECKPOINTS), true);
    fileSystem.delete(new Path(output, STATE), true);
  }

  private Path path(String name) {
    return new Path(output, STATE + "/" + name);
  }

  private void write(String name, String text) throws IOException {
    fileSystem.mkdirs(new Path(output, STATE));
    AtomicFile.write(path(name), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  private Optional<String> text(String name) throws IOException {
    if (MissingFiles.isMissing(path(name).toString())) {
      return Optional.empty();
    }
    try (InputStream in = InputFiles.open(path(name))) {
      return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
