package io.github.colonnade.jobs.manifest;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a collection holds, be it in one manifest or in the segments of a {@link Root}, as one
 * manifest: the entries of all segments in their order, the settings that they share, the sums of
 * their totals and timings.
 */
public final class CollectionReader {
  /** A collection that is written again while it is read is read once more, but not for ever. */
  private static final int TIMES = 3;

  /** The files of a collection. */
  @FunctionalInterface
  public interface Files {
    /**
     * Opens a file.
     *
     * @param name relative to the directory of the collection
     * @throws FileNotFoundException or {@link NoSuchFileException} if it is not there
     */
    InputStream open(String name) throws IOException;
  }

  /**
   * What was read.
   *
   * @param content the visitor with all entries, or the manifest
   * @param root if the collection is in segments
   */
  public record Read<T>(T content, Optional<Root> root) {}

  private CollectionReader() {}

  /**
   * Reads a whole collection.
   *
   * @throws ManifestException if what is read is not as it should be, or a segment is not there
   */
  public static Read<Manifest> read(Files files) throws IOException {
    Read<ManifestCollector> read = read(files, ManifestCollector::new);
    return new Read<>(read.content().manifest(Manifest.FILE_NAME), read.root());
  }

  /**
   * Hands the entries to a visitor as they are read. Settings, totals and timings of segments come
   * at the end.
   *
   * @param visitors makes the visitor, perhaps again: if the collection was written again in the
   *     meantime, everything is read from the start
   */
  public static <V extends ManifestVisitor> Read<V> read(Files files, Supplier<V> visitors)
      throws IOException {
    for (int time = 1; ; time++) {
      V visitor = visitors.get();
      Optional<Root> root = readRoot(files, visitor);
      if (root.isEmpty()) {
        return new Read<>(visitor, root);
      }
      Optional<String> missing = readSegments(files, root.get(), visitor);
      if (missing.isEmpty()) {
        return new Read<>(visitor, root);
      }
      boolean written =
          !directory(readRoot(files, new ManifestVisitor() {})).equals(directory(root));
      if (!written || time == TIMES) {
        throw new ManifestException(
            missing.get()
                + ": this segment is not there, though "
                + Manifest.FILE_NAME
                + " counts "
                + root.get().count());
      }
    }
  }

  /** Hands a plain manifest to {@code visitor}; of a root the visitor gets nothing. */
  public static Optional<Root> readRoot(Files files, ManifestVisitor visitor) throws IOException {
    OrRoot found = new OrRoot(visitor);
    try (InputStream in = files.open(Manifest.FILE_NAME)) {
      ManifestReader.read(in, Manifest.FILE_NAME, found);
    }
    return Optional.ofNullable(found.root);
  }

  /** The file of the first segment that is not there, if one is not. */
  private static Optional<String> readSegments(Files files, Root root, ManifestVisitor visitor)
      throws IOException {
    SegmentsVisitor segments = new SegmentsVisitor(visitor);
    for (long number = 1; number <= root.count(); number++) {
      String file = root.file(number);
      segments.begin(file);
      try (InputStream in = files.open(file)) {
        ManifestReader.read(in, file, segments);
      } catch (FileNotFoundException | NoSuchFileException e) {
        return Optional.of(file);
      }
      segments.end();
    }
    segments.finish(ManifestWriter.bytes(root).length);
    return Optional.empty();
  }

  private static Optional<String> directory(Optional<Root> root) {
    return root.map(Root::directory);
  }

  /** Keeps the root, and passes all that is in a plain manifest on. */
  private static final class OrRoot implements ManifestVisitor {
    private final ManifestVisitor plain;
    private @Nullable Root root;

    OrRoot(ManifestVisitor plain) {
      this.plain = plain;
    }

    @Override
    public void root(Root root) {
      this.root = root;
    }

    @Override
    public void settings(Settings settings) throws ManifestException {
      plain.settings(settings);
    }

    @Override
    public void totals(Totals totals) throws ManifestException {
      plain.totals(totals);
    }

    @Override
    public void timings(Timings timings) throws ManifestException {
      plain.timings(timings);
    }

    @Override
    public void cluster(ClusterEntry cluster) throws ManifestException {
      plain.cluster(cluster);
    }

    @Override
    public void block(BlockEntry block) throws ManifestException {
      plain.block(block);
    }

    @Override
    public void rejected(RejectedEntry entry) throws ManifestException {
      plain.rejected(entry);
    }
  }
}
