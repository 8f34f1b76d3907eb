package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.format.SafetensorsHeader;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.StoredTensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the directory of a compressed collection.
 *
 * @param numbers in all tensors of its safetensors files, a mask counted as numbers of the type of
 *     its basis, a bitmap of columns as numbers of the type of these, and those scales that are not
 *     1
 * @param bytes of these files and the manifest
 */
record StoredCensus(long numbers, long bytes) {

  /**
   * Reads the headers of all safetensors files at any depth, and finds at fault every tensor that
   * the manifest does not name. Tensors that it names but that are not there are found when they
   * are read.
   */
  static StoredCensus take(CompressedCollection collection, Findings findings) throws IOException {
    Set<TensorLocation> named = new HashSet<>();
    // Masks, and the bases that tell what type of numbers they count as.
    Map<TensorLocation, Optional<TensorInfo>> sized = new HashMap<>();
    for (ClusterEntry cluster : collection.manifest().clusters()) {
      cluster.basis().ifPresent(named::add);
      if (cluster.mask().isPresent()) {
        named.add(cluster.mask().get());
        sized.put(cluster.mask().get(), Optional.empty());
        cluster.basis().ifPresent(basis -> sized.put(basis, Optional.empty()));
      }
    }
    long numbers = 0;
    for (BlockEntry block : collection.manifest().blocks()) {
      block.coefficients().ifPresent(named::add);
      block.data().ifPresent(named::add);
      if (block.sparse().isPresent()) {
        SparseEntry sparse = block.sparse().get();
        named.add(sparse.columns());
        named.add(sparse.bitmap());
        sized.put(sparse.columns(), Optional.empty());
        sized.put(sparse.bitmap(), Optional.empty());
      }
      numbers += block.scale() == 1 ? 0 : 1;
    }
    List<FileStatus> files = new ArrayList<>();
    Path root = collection.directory();
    FileSystem fileSystem = root.getFileSystem();
    collect(fileSystem, root, files);
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    long bytes = fileSystem.getFileStatus(new Path(root, Manifest.FILE_NAME)).getLen();
    for (FileStatus file : files) {
      String name = file.getPath().toString().substring(root.toString().length() + 1);
      bytes += file.getLen();
      try {
        for (TensorInfo tensor : SafetensorsHeader.read(file.getPath()).tensors()) {
          numbers += tensor.elements();
          Optional<TensorLocation> location = location(name, tensor.name());
          if (location.isEmpty() || !named.contains(location.get())) {
            findings.add(
                name + ": tensor \"" + tensor.name() + "\" is stored, but not in the manifest");
          } else {
            sized.computeIfPresent(location.get(), (at, unknown) -> Optional.of(tensor));
          }
        }
      } catch (FormatException e) {
        findings.add(name + ": " + e.reason());
      }
    }
    for (ClusterEntry cluster : collection.manifest().clusters()) {
      numbers +=
          asNumbers(
              cluster.mask().flatMap(at -> found(sized, at)),
              cluster.basis().flatMap(at -> found(sized, at)));
    }
    for (BlockEntry block : collection.manifest().blocks()) {
      Optional<SparseEntry> sparse = block.sparse();
      numbers +=
          asNumbers(
              sparse.flatMap(each -> found(sized, each.bitmap())),
              sparse.flatMap(each -> found(sized, each.columns())));
    }
    return new StoredCensus(numbers, bytes);
  }

  /** By how many numbers a bitmap counts for more than its bytes; a negative number. */
  private static long asNumbers(Optional<TensorInfo> bitmap, Optional<TensorInfo> beside) {
    return bitmap.isEmpty() || beside.isEmpty()
        ? 0
        : StoredTensors.maskNumbers(bitmap.get().sizeBytes(), beside.get().dtype())
            - bitmap.get().elements();
  }

  private static Optional<TensorInfo> found(
      Map<TensorLocation, Optional<TensorInfo>> sized, TensorLocation at) {
    return sized.getOrDefault(at, Optional.empty());
  }

  private static Optional<TensorLocation> location(String file, String tensor) {
    try {
      return Optional.of(new TensorLocation(file, tensor));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // No manifest can name such a file.
    }
  }

  private static void collect(FileSystem fileSystem, Path directory, List<FileStatus> files)
      throws IOException {
    @Nullable FileStatus @Nullable [] children = fileSystem.listStatus(directory);
    for (FileStatus child : children == null ? new FileStatus[0] : children) {
      if (child == null || child.getPath().getName().startsWith(".")) {
        continue;
      }
      if (child.isDir()) {
        collect(fileSystem, child.getPath(), files);
      } else if (child.getPath().getName().endsWith(".safetensors")) {
        files.add(child);
      }
    }
  }
}
