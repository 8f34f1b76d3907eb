package io.github.colonnade.jobs.stored;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.CollectionReader;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestVisitor;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.manifest.TensorLocation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** Files in the directory of a collection that are no part of it, of the kinds that runs leave. */
public final class Leftovers {
  private static final String SAFETENSORS = ".safetensors";

  /** In the names of files that are not complete, which a recoverable writer makes. */
  private static final String BEGUN = ".inprogress";

  private final Path directory;
  private final FileSystem fileSystem;
  private final Optional<Root> root;
  private final List<Path> removed = new ArrayList<>();

  Leftovers(Path directory, Optional<Root> root) throws IOException {
    this.directory = directory;
    this.fileSystem = directory.getFileSystem();
    this.root = root;
  }

  /** The files that a manifest names, relative to the directory of its collection. */
  static Set<String> files(Manifest manifest) {
    Named named = new Named();
    manifest.clusters().forEach(named::cluster);
    manifest.blocks().forEach(named::block);
    return named.files;
  }

  /** Removes them and tells which they were. */
  List<Path> remove(CollectionReader.Files files) throws IOException {
    CollectionReader.Read<Named> named = CollectionReader.read(files, Named::new);
    if (!named.root().equals(root)) {
      throw new IOException(directory + " was written to by another run");
    }
    root.ifPresent(
        now -> {
          for (long number = 1; number <= now.count(); number++) {
            named.content().files.add(now.file(number));
          }
        });
    remove(directory, "", named.content());
    return removed;
  }

  /**
   * Removes files that workers which were lost had begun to write, from a directory that is about
   * to be completed, and from those in it.
   */
  public static void removeBegun(Path directory) throws IOException {
    FileSystem files = directory.getFileSystem();
    for (FileStatus child : Listing.of(directory)) {
      if (child.isDir()) {
        removeBegun(child.getPath());
      } else if (child.getPath().getName().contains(BEGUN)) {
        files.delete(child.getPath(), false);
      }
    }
  }

  private void remove(Path below, String prefix, Named named) throws IOException {
    @Nullable FileStatus @Nullable [] children = fileSystem.listStatus(below);
    for (FileStatus child : children == null ? new FileStatus[0] : children) {
      if (child == null || Links.isLink(child.getPath())) {
        continue;
      }
      String name = child.getPath().getName();
      if (!child.isDir()) {
        if (isOurs(prefix, name)
            && !named.files.contains(prefix + name)
            && !named.sources.contains(child.getPath().toString())) {
          delete(child.getPath());
        }
      } else if (prefix.isEmpty() && isOldSegments(name)) {
        delete(child.getPath());
      } else if (!name.startsWith(".")) {
        // Below hidden directories are checkpoints, which their owner keeps in order.
        remove(child.getPath(), prefix + name + "/", named);
      }
    }
  }

  private void delete(Path path) throws IOException {
    fileSystem.delete(path, true);
    removed.add(path);
  }

  private boolean isOldSegments(String name) {
    return Root.isDirectory(name) && root.map(now -> !now.directory().equals(name)).orElse(true);
  }

  /** Whether a run may have written a file of this name. */
  private boolean isOurs(String prefix, String name) {
    boolean segment = root.map(now -> prefix.equals(now.directory() + "/")).orElse(false);
    return name.endsWith(SAFETENSORS)
        || name.contains(BEGUN)
        || (name.startsWith("colonnade-spool-") && name.endsWith(".tmp"))
        || (segment && name.endsWith(".json"));
  }

  /** What a collection names: its files, relative to its directory, and those that it came from. */
  private static final class Named implements ManifestVisitor {
    private final Set<String> files = new HashSet<>();
    private final Set<String> sources = new HashSet<>();

    @Override
    public void cluster(ClusterEntry cluster) {
      add(cluster.basis());
      add(cluster.mask());
    }

    @Override
    public void block(BlockEntry block) {
      sources.add(block.source());
      add(block.coefficients());
      add(block.data());
      block
          .sparse()
          .ifPresent(
              sparse -> {
                files.add(sparse.columns().file());
                files.add(sparse.bitmap().file());
              });
    }

    @Override
    public void rejected(RejectedEntry entry) {
      sources.add(entry.source());
    }

    private void add(Optional<TensorLocation> location) {
      location.ifPresent(at -> files.add(at.file()));
    }
  }
}
