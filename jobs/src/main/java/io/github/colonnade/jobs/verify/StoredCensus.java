package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.format.SafetensorsHeader;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.stored.CompressedCollection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the directory of a compressed collection.
 *
 * @param numbers in all tensors of its safetensors files
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
    collection.manifest().clusters().stream()
        .map(ClusterEntry::basis)
        .flatMap(Optional::stream)
        .forEach(named::add);
    for (BlockEntry block : collection.manifest().blocks()) {
      block.coefficients().ifPresent(named::add);
      block.data().ifPresent(named::add);
    }
    List<FileStatus> files = new ArrayList<>();
    Path root = collection.directory();
    FileSystem fileSystem = root.getFileSystem();
    collect(fileSystem, root, files);
    files.sort(Comparator.comparing(file -> file.getPath().toString()));
    long numbers = 0;
    long bytes = fileSystem.getFileStatus(new Path(root, Manifest.FILE_NAME)).getLen();
    for (FileStatus file : files) {
      String name = file.getPath().toString().substring(root.toString().length() + 1);
      bytes += file.getLen();
      try {
        for (TensorInfo tensor : SafetensorsHeader.read(file.getPath()).tensors()) {
          numbers += tensor.elements();
          if (!isNamed(named, name, tensor.name())) {
            findings.add(
                name + ": tensor \"" + tensor.name() + "\" is stored, but not in the manifest");
          }
        }
      } catch (FormatException e) {
        findings.add(name + ": " + e.reason());
      }
    }
    return new StoredCensus(numbers, bytes);
  }

  private static boolean isNamed(Set<TensorLocation> named, String file, String tensor) {
    try {
      return named.contains(new TensorLocation(file, tensor));
    } catch (IllegalArgumentException e) {
      return false; // No manifest can name such a file.
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
