package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Outcome.FileWritten;
import io.github.colonnade.jobs.compress.Outcome.Rejected;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.IncompleteDirectory;
import io.github.colonnade.jobs.stored.Segments;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
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
   */
  void publish(List<FileWritten> files, List<Rejected> rejected, StageTimes times)
      throws IOException {
    FileSystem fileSystem = output.getFileSystem();
    requireMarker(fileSystem);
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
    requireMarker(fileSystem);
    if (!staging.equals(place)) {
      if (!fileSystem.rename(staging, place)) {
        throw new IOException("cannot rename " + staging + " to " + place);
      }
    }
    try {
      requireUnchanged();
      Segments segments = Segments.open(output.toString());
      if (segments.isPlain()) {
        segments.adopt();
      }
      segments.publish(addition.segment(), bytes.toByteArray(), false);
    } catch (UsageException e) {
      // It is certain that nothing was published.
      fileSystem.delete(place, true);
      throw e;
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
    long count = Segments.open(output.toString()).root().map(Root::count).orElse(1L);
    if (count != addition.segment() - 1) {
      throw new UsageException(
          settings.place().output()
              + ": another run has added to it in the meantime; add again what is not there yet");
    }
  }

  /** A tensor is in a collection once. */
  private void requireNew(Manifest before, Manifest added) {
    Set<String> keys = new HashSet<>();
    added.blocks().forEach(each -> keys.add(Addition.key(each.source(), each.tensor())));
    added.rejected().forEach(each -> keys.add(Addition.key(each.source(), each.tensor())));
    for (BlockEntry block : before.blocks()) {
      requireNew(keys, block.source(), block.tensor());
    }
    for (RejectedEntry entry : before.rejected()) {
      requireNew(keys, entry.source(), entry.tensor());
    }
  }

  private void requireNew(Set<String> added, String source, String tensor) {
    if (added.contains(Addition.key(source, tensor))) {
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
