package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.format.SafetensorsHeader;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.StoredTensors;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the directory of a compressed collection.
 *
 * @param numbers in all tensors of its safetensors files, the bytes of masks and sparse
 *     coefficients counted as numbers of the type of their basis, those of a bitmap of columns as
 *     numbers of the type of these, and those scales that are not 1
 * @param bytes of these files and the manifest, or the root and its segments
 */
record StoredCensus(long numbers, long bytes) {

  /**
   * Reads the headers of all safetensors files at any depth, of a collection that grows only of
   * those that its segments name, and finds at fault every tensor that the manifest does not name.
   * Tensors that it names but that are not there are found when they are read.
   */
  static StoredCensus take(CompressedCollection collection, Findings findings) throws IOException {
    Set<TensorLocation> named = new HashSet<>();
    // The types of bases and whole columns, and the sizes of what lies beside them in bytes: these
    // count as numbers of that type.
    Map<TensorLocation, DType> bases = new HashMap<>();
    Map<TensorLocation, Long> packed = new HashMap<>();
    for (ClusterEntry cluster : collection.manifest().clusters()) {
      cluster.mask().ifPresent(named::add);
      cluster.basis().ifPresent(named::add);
      cluster.basis().ifPresent(at -> bases.put(at, DType.U8));
    }
    long numbers = 0;
    for (BlockEntry block : collection.manifest().blocks()) {
      block.coefficients().ifPresent(named::add);
      block.data().ifPresent(named::add);
      if (block.sparse().isPresent()) {
        SparseEntry sparse = block.sparse().get();
        named.add(sparse.columns());
        named.add(sparse.bitmap());
        bases.put(sparse.columns(), DType.U8);
      }
      numbers += block.scale() == 1 ? 0 : 1;
    }
    Path root = collection.directory();
    FileSystem fileSystem = root.getFileSystem();
    List<FileStatus> files = new ArrayList<>();
    if (collection.root().isPresent()) {
      addNamed(fileSystem, root, named, files);
    } else {
      collect(fileSystem, root, files);
    }
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    long bytes = fileSystem.getFileStatus(new Path(root, Manifest.FILE_NAME)).getLen();
    if (collection.root().isPresent()) {
      Root segments = collection.root().get();
      for (long number = 1; number <= segments.count(); number++) {
        bytes += fileSystem.getFileStatus(new Path(root, segments.file(number))).getLen();
      }
    }
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
            bases.computeIfPresent(location.get(), (at, unknown) -> tensor.dtype());
            if (tensor.dtype() == DType.U8) {
              packed.put(location.get(), tensor.sizeBytes());
            }
          }
        }
      } catch (FormatException e) {
        findings.add(name + ": " + e.reason());
      }
    }
    Map<String, DType> types = new HashMap<>();
    for (ClusterEntry cluster : collection.manifest().clusters()) {
      DType type = cluster.basis().map(at -> bases.getOrDefault(at, DType.U8)).orElse(DType.U8);
      types.put(cluster.id(), type);
      numbers -= saved(cluster.mask(), type, packed);
    }
    for (BlockEntry block : collection.manifest().blocks()) {
      DType type = block.cluster().map(id -> types.getOrDefault(id, DType.U8)).orElse(DType.U8);
      numbers -= saved(block.coefficients(), type, packed);
      Optional<SparseEntry> whole = block.sparse();
      DType ofColumns =
          whole.map(each -> bases.getOrDefault(each.columns(), DType.U8)).orElse(DType.U8);
      numbers -= saved(whole.map(SparseEntry::bitmap), ofColumns, packed);
    }
    return new StoredCensus(numbers, bytes);
  }

  /** By how much the numbers of a type are fewer than the bytes of a tensor that holds them. */
  private static long saved(
      Optional<TensorLocation> at, DType type, Map<TensorLocation, Long> packed) {
    long bytes = at.map(each -> packed.getOrDefault(each, 0L)).orElse(0L);
    return bytes - StoredTensors.numbers(bytes, type);
  }

  private static Optional<TensorLocation> location(String file, String tensor) {
    try {
      return Optional.of(new TensorLocation(file, tensor));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // No manifest can name such a file.
    }
  }

  /** A run may be adding to the collection: what no segment names yet is no part of it. */
  private static void addNamed(
      FileSystem fileSystem, Path root, Set<TensorLocation> named, List<FileStatus> files)
      throws IOException {
    for (String file : named.stream().map(TensorLocation::file).collect(Collectors.toSet())) {
      try {
        files.add(fileSystem.getFileStatus(new Path(root, file)));
      } catch (FileNotFoundException e) {
        // It is found missing when its tensors are read.
      }
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
