package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Outcome.FileWritten;
import io.github.colonnade.jobs.compress.Outcome.Rejected;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestException;
import io.github.colonnade.jobs.manifest.ManifestReader;
import io.github.colonnade.jobs.manifest.WeightsEntry;
import io.github.colonnade.jobs.metrics.CommitMeters;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.stored.AtomicFile;
import io.github.colonnade.jobs.stored.IncompleteDirectory;
import io.github.colonnade.jobs.stored.Listing;
import io.github.colonnade.jobs.weights.WeightsFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/**
 * Waits for every outcome, writes the manifest into the staging directory and gives that the name
 * of the output, in one step. If the staging directory is the output, as in an object store, the
 * manifest itself appears in one step.
 */
final class CommitOperator extends AbstractStreamOperator<Void>
    implements OneInputStreamOperator<Outcome, Void>, BoundedOneInput {

  private final CompressSettings settings;
  private final Partitions partitions;
  private final @Nullable Addition addition;
  private final List<FileWritten> files = new ArrayList<>();
  private final List<Rejected> rejected = new ArrayList<>();
  private StageTimes times = StageTimes.none();

  private transient CommitMeters meters;
  private transient RunTotals totals;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  CommitOperator(CompressSettings settings, Partitions partitions, @Nullable Addition addition) {
    this.settings = settings;
    this.partitions = partitions;
    this.addition = addition;
  }

  @Override
  public void open() throws Exception {
    super.open();
    meters = new CommitMeters(Meters.of(getMetricGroup()));
    totals = new RunTotals(getRuntimeContext());
  }

  @Override
  public void processElement(StreamRecord<Outcome> element) {
    Outcome outcome = element.getValue();
    times = times.join(outcome.times());
    if (outcome instanceof FileWritten file) {
      files.add(file);
    } else if (outcome instanceof Rejected tensor) {
      rejected.add(tensor);
    }
  }

  @Override
  public void endInput() throws IOException {
    long started = System.nanoTime();
    Optional<Manifest> published =
        addition == null
            ? Optional.of(commit())
            : new SegmentPublisher(settings, partitions, addition).publish(files, rejected, times);
    published.ifPresent(
        manifest -> {
          totals.add(manifest);
          meters.published(manifest.totals().blocks(), started);
        });
  }

  /** Makes the output, unless it is there already. */
  Manifest commit() throws IOException {
    checkWeights();
    Path staging = new Path(settings.place().staging());
    Path output = new Path(settings.place().output());
    FileSystem fileSystem = staging.getFileSystem();
    ManifestBuilder builder = new ManifestBuilder(settings, partitions, files, rejected);
    ManifestBuilder.Sized sized =
        builder.build(
            sizeBytes(builder.inputFiles()),
            times.timings(settings.startMillis(), System.currentTimeMillis()));
    if (isPublished(output, sized.manifest())) {
      removeMarker(fileSystem);
      return sized.manifest();
    }
    requireMarker(fileSystem);
    if (staging.equals(output)) {
      publish(fileSystem, output, sized);
      removeMarker(fileSystem);
      return sized.manifest();
    }
    removeUnnamed(fileSystem, staging, files);
    AtomicFile.write(new Path(staging, Manifest.FILE_NAME), sized::write);
    requireFiles(staging, files);
    requireMarker(fileSystem);
    if (!isTaken(output, output, sized.manifest()) && !fileSystem.rename(staging, output)) {
      throw new IOException("cannot rename " + staging + " to " + output);
    }
    return sized.manifest();
  }

  /**
   * Whether the output is there with this content: a run that lost its worker after it had come
   * this far does all of it again.
   */
  private static boolean isPublished(Path output, Manifest manifest) throws IOException {
    Path file = new Path(output, Manifest.FILE_NAME);
    if (!file.getFileSystem().exists(file)) {
      return false;
    }
    try (InputStream in = new BufferedInputStream(file.getFileSystem().open(file))) {
      return ManifestReader.read(in).isSameAs(manifest);
    } catch (ManifestException e) {
      return false;
    }
  }

  /** Removes from a directory what workers that were lost had begun. */
  static void removeUnnamed(FileSystem fileSystem, Path staging, List<FileWritten> files)
      throws IOException {
    Set<String> named = files.stream().map(FileWritten::file).collect(Collectors.toSet());
    for (FileStatus child : Listing.of(staging)) {
      if (!named.contains(child.getPath().getName())) {
        fileSystem.delete(child.getPath(), child.isDir());
      }
    }
  }

  /** Whether a directory has all that is to be named, as it was written. */
  static boolean hasFiles(Path directory, List<FileWritten> files) throws IOException {
    Map<String, Long> sizes = new HashMap<>();
    for (FileStatus child : Listing.of(directory)) {
      sizes.put(child.getPath().getName(), child.getLen());
    }
    return files.stream()
        .allMatch(each -> sizes.getOrDefault(each.file(), -1L) == each.sizeBytes());
  }

  /**
   * Checks that a directory has all that is to be named.
   *
   * @throws IOException if it has not, so that all is written again
   */
  static void requireFiles(Path directory, List<FileWritten> files) throws IOException {
    if (!hasFiles(directory, files)) {
      throw new IOException("files are missing in " + directory + ", or are not as they were");
    }
  }

  /**
   * The files of a run that is being removed may go while its manifest appears. If only the marker
   * is gone, another worker has done the same commit.
   */
  private void publish(FileSystem fileSystem, Path output, ManifestBuilder.Sized sized)
      throws IOException {
    Path manifest = new Path(output, Manifest.FILE_NAME);
    requireFiles(output, files);
    if (isTaken(manifest, output, sized.manifest())) {
      return;
    }
    AtomicFile.write(manifest, sized::write);
    if (settings.place().marker().isEmpty()) {
      return;
    }
    Path marker = new Path(settings.place().marker());
    if (!fileSystem.exists(marker)
        && (IncompleteDirectory.isBeingRemoved(fileSystem, marker) || !hasFiles(output, files))) {
      fileSystem.delete(manifest, false);
      requireMarker(fileSystem);
    }
  }

  /** In an object store the marker is beside the manifest, and tells of an unfinished run. */
  private void removeMarker(FileSystem fileSystem) throws IOException {
    String marker = settings.place().marker();
    if (!marker.isEmpty() && settings.place().staging().equals(settings.place().output())) {
      fileSystem.delete(new Path(marker), false);
    }
  }

  private void requireMarker(FileSystem fileSystem) throws IOException {
    String marker = settings.place().marker();
    if (!marker.isEmpty()) {
      IncompleteDirectory.requireMarker(fileSystem, new Path(marker), settings.place().output());
    }
  }

  /**
   * Whether what is about to appear is there already, with this content.
   *
   * @throws UsageException if something else is there
   */
  private boolean isTaken(Path path, Path output, Manifest manifest) throws IOException {
    if (!path.getFileSystem().exists(path)) {
      return false;
    }
    if (isPublished(output, manifest)) {
      return true;
    }
    throw new UsageException(
        settings.place().output()
            + ": the output has appeared while this run worked and was left as it is; run again with"
            + " another --output");
  }

  /** The weights were read several times, so they must have been the same all the time. */
  private void checkWeights() throws IOException {
    WeightsEntry weights = settings.weights();
    if (weights != null && !WeightsFile.fingerprint(weights.source()).equals(weights)) {
      throw FormatException.of(
          weights.source(),
          "the weights changed while they were used; run again when nobody writes to the file");
    }
  }

  static long sizeBytes(Iterable<String> sources) throws IOException {
    long bytes = 0;
    for (String source : sources) {
      Path path = new Path(source);
      bytes += path.getFileSystem().getFileStatus(path).getLen();
    }
    return bytes;
  }
}
