package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Outcome.FileWritten;
import io.github.colonnade.jobs.compress.Outcome.Rejected;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Part;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.stored.CollectionLock;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.IncompleteDirectory;
import io.github.colonnade.jobs.stored.Segments;
import io.github.colonnade.jobs.stored.TensorKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Makes the files of an addition a segment of their collection: first they get their final place,
 * then the segment is published in one step. If another run has added to the collection in the
 * meantime, nothing is.
 */
final class SegmentPublisher {

  private final CompressSettings settings;
  private final Partitions partitions;
  private final Addition addition;
  private final Path output;
  private final Path staging;
  private final Path place;

  SegmentPublisher(CompressSettings settings, Partitions partitions, Addition addition) {
    this.settings = settings;
    this.partitions = partitions;
    this.addition = addition;
    this.output = new Path(settings.place().output());
    this.staging = new Path(settings.place().staging());
    this.place = new Path(output, addition.directory());
  }

  /**
   * Publishes what was written.
   *
   * @param files in the staging directory
   * @return the manifest of the segment, unless another worker had published it already
   */
  Optional<Manifest> publish(List<FileWritten> files, List<Rejected> rejected, StageTimes times)
      throws IOException {
    CollectionLock lock = CollectionLock.of(output);
    try {
      return publishAlone(files, rejected, times);
    } finally {
      lock.close();
    }
  }

  private Optional<Manifest> publishAlone(
      List<FileWritten> files, List<Rejected> rejected, StageTimes times) throws IOException {
    FileSystem fileSystem = output.getFileSystem();
    if (isPublished(fileSystem)) {
      return Optional.empty();
    }
    if (!isPlaced(fileSystem, files)) {
      requireMarker(fileSystem);
    }
    if (addition.replaces()) {
      return Optional.of(replace(files, rejected, times));
    }
    requireUnchanged();
    Manifest before = CompressedCollection.open(output.toString()).manifest();
    List<FileWritten> located = files.stream().map(this::located).toList();
    ManifestBuilder builder =
        new ManifestBuilder(settings, partitions, located, rejected, roots(located, rejected))
            .avoiding(ids(before));
    Set<String> inputs = new HashSet<>(builder.inputFiles());
    inputs.removeAll(addition.counted());
    ManifestBuilder.Sized sized =
        builder.build(
            CommitOperator.sizeBytes(inputs),
            times.timings(settings.startMillis(), System.currentTimeMillis()));
    requireNew(before, sized.manifest());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    sized.write(bytes);
    place(
        files,
        () -> {
          requireUnchanged();
          Segments segments = Segments.open(output.toString());
          if (segments.isPlain()) {
            segments.adopt();
          }
          segments.publish(addition.segment(), bytes.toByteArray(), false);
        });
    return Optional.of(sized.manifest());
  }

  /** Puts what was written in the place of all segments. */
  private Manifest replace(List<FileWritten> files, List<Rejected> rejected, StageTimes times)
      throws IOException {
    CompressedCollection before = CompressedCollection.open(output.toString());
    Manifest old = before.manifest();
    List<FileWritten> located = files.stream().map(this::located).toList();
    ManifestBuilder builder =
        new ManifestBuilder(settings, partitions, located, rejected)
            .from(old.settings().inputs(), old.rejected());
    Set<String> inputs = new HashSet<>(builder.inputFiles());
    old.rejected().stream()
        .filter(each -> !each.isWholeFile())
        .forEach(each -> inputs.add(each.source()));
    ManifestBuilder.Sized sized =
        builder.build(
            CommitOperator.sizeBytes(inputs),
            times.timings(settings.startMillis(), System.currentTimeMillis()));
    requireSame(fingerprints(old), fingerprints(sized.manifest()));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    sized.write(bytes);
    place(
        files,
        () ->
            Segments.open(output.toString())
                .replace(Objects.requireNonNull(addition.root()), bytes.toByteArray()));
    return sized.manifest();
  }

  /** Names the files of a segment. */
  private interface Naming {
    void run() throws IOException;
  }

  /** Gives the files their final place, and names them. */
  private void place(List<FileWritten> files, Naming naming) throws IOException {
    FileSystem fileSystem = output.getFileSystem();
    if (!isPlaced(fileSystem, files)) {
      requireMarker(fileSystem);
      if (!staging.equals(place)) {
        CommitOperator.removeUnnamed(fileSystem, staging, files);
      }
      CommitOperator.requireFiles(staging, files);
      if (!staging.equals(place) && !fileSystem.rename(staging, place)) {
        throw new IOException("cannot rename " + staging + " to " + place);
      }
    }
    try {
      naming.run();
    } catch (UsageException e) {
      // Another worker may have done the same while this one was believed to be lost.
      if (Segments.open(output.toString()).names(addition.directory() + "/")) {
        return;
      }
      fileSystem.delete(place, true);
      throw e;
    }
  }

  /** Whether the files are named already: a run that lost its worker does all of it again. */
  private boolean isPublished(FileSystem fileSystem) throws IOException {
    return (staging.equals(place) || !fileSystem.exists(staging))
        && Segments.open(output.toString()).names(addition.directory() + "/");
  }

  /** Whether the files had been renamed when the worker was lost. */
  private boolean isPlaced(FileSystem fileSystem, List<FileWritten> files) throws IOException {
    if (staging.equals(place) || fileSystem.exists(staging) || !fileSystem.exists(place)) {
      return false;
    }
    return CommitOperator.hasFiles(place, files);
  }

  /** Where a block comes from. */
  private record Origin(TensorKey tensor, Optional<Part> part) {}

  /** SHA-256 of blocks by where they come from. */
  private static Map<Origin, String> fingerprints(Manifest manifest) {
    Map<Origin, String> fingerprints = new LinkedHashMap<>();
    for (BlockEntry block : manifest.blocks()) {
      fingerprints.put(
          new Origin(new TensorKey(block.source(), block.tensor()), block.part()), block.sha256());
    }
    return fingerprints;
  }

  /** The collection says what it has, so another content needs another collection. */
  private void requireSame(Map<Origin, String> before, Map<Origin, String> now) {
    Set<Origin> different = new LinkedHashSet<>(before.keySet());
    different.addAll(now.keySet());
    different.removeIf(
        key -> before.containsKey(key) && before.get(key).equals(now.getOrDefault(key, "")));
    if (!different.isEmpty()) {
      TensorKey first = different.iterator().next().tensor();
      throw new UsageException(
          settings.place().output()
              + ": nothing was changed, since "
              + different.size()
              + " blocks are not what was compressed, as of tensor \""
              + FormatException.oneLine(first.name())
              + "\" of "
              + first.source()
              + "; bring their originals back");
    }
  }

  private FileWritten located(FileWritten file) {
    return new FileWritten(
        addition.directory() + "/" + file.file(),
        file.sizeBytes(),
        file.numbers(),
        file.energies(),
        file.clusters(),
        file.blocks(),
        file.times());
  }

  private Set<String> roots(List<FileWritten> files, List<Rejected> rejected) {
    Set<String> roots = new HashSet<>(addition.roots());
    files.forEach(file -> file.blocks().forEach(each -> roots.add(each.tensor().source())));
    rejected.forEach(each -> roots.add(each.source()));
    return roots;
  }

  private static Set<String> ids(Manifest manifest) {
    Set<String> ids = new HashSet<>();
    manifest.blocks().forEach(each -> ids.add(each.id()));
    return ids;
  }

  private void requireMarker(FileSystem fileSystem) throws IOException {
    IncompleteDirectory.requireMarker(
        fileSystem, new Path(settings.place().marker()), settings.place().output());
  }

  private void requireUnchanged() throws IOException {
    if (!Segments.open(output.toString()).root().equals(Optional.ofNullable(addition.root()))) {
      throw new UsageException(
          settings.place().output()
              + ": another run has added to it in the meantime; add again what is not there yet");
    }
  }

  /** A tensor is in a collection once. */
  private void requireNew(Manifest before, Manifest added) {
    Set<TensorKey> keys = new HashSet<>();
    added.blocks().forEach(each -> keys.add(new TensorKey(each.source(), each.tensor())));
    added.rejected().forEach(each -> keys.add(new TensorKey(each.source(), each.tensor())));
    for (BlockEntry block : before.blocks()) {
      requireNew(keys, block.source(), block.tensor());
    }
    for (RejectedEntry entry : before.rejected()) {
      requireNew(keys, entry.source(), entry.tensor());
    }
  }

  private void requireNew(Set<TensorKey> added, String source, String tensor) {
    if (added.contains(new TensorKey(source, tensor))) {
      throw new UsageException(
          settings.place().output()
              + ": it has tensor \""
              + tensor
              + "\" of "
              + source
              + " already, which has come to the inputs in the meantime; add again");
    }
  }
}
