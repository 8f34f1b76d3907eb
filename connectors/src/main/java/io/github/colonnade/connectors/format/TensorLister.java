package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** Finds the tensors of files and directories. */
public final class TensorLister {
  /** Longer names are refused, because the files written from them could not hold them. */
  public static final int MAX_NAME_LENGTH = 10_000;

  /** How the marker of an output begins that is in its place before it is complete. */
  public static final String UNFINISHED = ".incomplete-";

  private static final int SHOWN_LENGTH = 60;

  private record Key(String source, String name) {}

  private final List<TensorInfo> tensors = new ArrayList<>();
  private final Set<Key> seen = new HashSet<>();

  private TensorLister() {}

  /**
   * The tensors of all inputs.
   *
   * <p>An input is a file, or a directory, as a path or a URI that a Flink file system serves. A
   * file's format is told by its content, then by its name. A directory with a safetensors index
   * stands for the tensors of that index; else for all files within it, at any depth, whose names
   * are those of a known format. Hidden files and directories and files of other names are passed
   * over, but for the mark of an unfinished output. What is named twice is listed once.
   *
   * @throws FormatException if an input is missing, unsound, of no known format or a pickle, if a
   *     directory holds nothing that can be read or is an unfinished output, or if a name is longer
   *     than {@link #MAX_NAME_LENGTH}
   * @throws IOException if the storage fails
   */
  public static Listing list(List<String> inputs) throws IOException {
    TensorLister lister = new TensorLister();
    for (String input : inputs) {
      lister.addInput(InputFiles.qualify(input));
    }
    return new Listing(lister.tensors);
  }

  private void addInput(Path path) throws IOException {
    if (!InputFiles.status(path).isDir()) {
      addAll(Formats.of(path).list(path));
      return;
    }
    List<Path> pickles = new ArrayList<>();
    if (addDirectory(path, pickles)) {
      return;
    }
    throw FormatException.of(
        path.toString(),
        pickles.isEmpty()
            ? "the directory holds no tensors; give " + Formats.NAMES + " files"
            : "the directory holds no tensors but "
                + pickles.get(0).getName()
                + ", and "
                + PickleRefusal.REASON);
  }

  /** Adds what a directory holds; false if it has no file of a known format. */
  private boolean addDirectory(Path directory, List<Path> pickles) throws IOException {
    List<FileStatus> children = children(directory);
    Optional<Path> index = index(directory, children);
    if (index.isPresent()) {
      addAll(new SafetensorsIndex().list(index.get()));
      return true;
    }
    boolean found = false;
    for (FileStatus child : children) {
      Path path = child.getPath();
      if (child.isDir()) {
        found |= addDirectory(path, pickles);
        continue;
      }
      TensorFormat format = Formats.byName(path.getName()).orElse(null);
      if (format instanceof PickleRefusal) {
        pickles.add(path);
      } else if (format != null) {
        addAll(Formats.of(path).list(path));
        found = true;
      }
    }
    return found;
  }

  private static Optional<Path> index(Path directory, List<FileStatus> children) {
    List<Path> indexes =
        children.stream()
            .filter(child -> !child.isDir())
            .map(FileStatus::getPath)
            .filter(path -> path.getName().endsWith(SafetensorsIndex.ENDING))
            .toList();
    for (Path path : indexes) {
      if (indexes.size() == 1 || path.getName().equals(SafetensorsIndex.USUAL_NAME)) {
        return Optional.of(path);
      }
    }
    if (indexes.isEmpty()) {
      return Optional.empty();
    }
    throw FormatException.of(
        directory.toString(),
        "the directory has several indexes, such as "
            + indexes.get(0).getName()
            + " and "
            + indexes.get(1).getName()
            + "; give the one that is meant");
  }

  private static List<FileStatus> children(Path directory) throws IOException {
    @Nullable FileStatus @Nullable [] statuses = directory.getFileSystem().listStatus(directory);
    List<FileStatus> children = new ArrayList<>();
    for (FileStatus status : statuses == null ? new FileStatus[0] : statuses) {
      if (status != null && status.getPath().getName().startsWith(UNFINISHED)) {
        throw FormatException.of(
            directory.toString(),
            "it is the output of a run that has not come to its end; wait for it, or remove what"
                + " it left");
      }
      if (status != null && !status.getPath().getName().startsWith(".")) {
        children.add(status);
      }
    }
    children.sort(Comparator.comparing(status -> status.getPath().getName()));
    return children;
  }

  private void addAll(List<TensorInfo> found) {
    for (TensorInfo tensor : found) {
      if (tensor.name().length() > MAX_NAME_LENGTH) {
        throw FormatException.of(
            tensor.source(),
            tensor.name().substring(0, SHOWN_LENGTH) + "…",
            "its name has "
                + tensor.name().length()
                + " characters, more than "
                + MAX_NAME_LENGTH
                + "; rename it");
      }
      if (seen.add(new Key(tensor.source(), tensor.name()))) {
        tensors.add(tensor);
      }
    }
  }
}
