package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.format.InputEntry.Kind;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Goes through an input: a file, or a directory at any depth, in the order of names. Hidden files
 * and directories, and files of other names than those of known formats, are passed over. A
 * directory with a safetensors index gives that index and nothing else.
 */
public final class InputWalk {

  /** Why {@link Kind#UNFINISHED} is refused. */
  public static final String UNFINISHED_OUTPUT =
      "it is the output of a run that has not come to its end; wait for it, or remove what it"
          + " left";

  /** Why {@link Kind#SEVERAL_INDEXES} is refused. */
  public static final String INDEXES =
      "the directory has several indexes, and none is called "
          + SafetensorsIndex.USUAL_NAME
          + "; give the one that is meant";

  private final List<InputEntry> entries = new ArrayList<>();

  private InputWalk() {}

  /**
   * What an input holds.
   *
   * @param status of the input
   * @throws IOException if the storage fails
   */
  public static List<InputEntry> of(FileStatus status) throws IOException {
    InputWalk walk = new InputWalk();
    if (status.isDir()) {
      walk.addDirectory(status.getPath());
    } else {
      boolean index = status.getPath().getName().endsWith(SafetensorsIndex.ENDING);
      walk.add(index ? Kind.INDEX : Kind.FILE, status);
    }
    return walk.entries;
  }

  private void add(Kind kind, FileStatus status) {
    entries.add(
        new InputEntry(kind, status.getPath(), status.getModificationTime(), status.getLen()));
  }

  private void addDirectory(Path directory) throws IOException {
    List<FileStatus> children = new ArrayList<>();
    @Nullable FileStatus @Nullable [] statuses = statuses(directory);
    if (statuses == null) {
      entries.add(new InputEntry(Kind.NOT_LISTED, directory, 0, 0));
      return;
    }
    for (FileStatus status : statuses) {
      if (status != null && status.getPath().getName().startsWith(TensorLister.UNFINISHED)) {
        entries.add(new InputEntry(Kind.UNFINISHED, directory, 0, 0));
        return;
      }
      if (status != null && !status.getPath().getName().startsWith(".")) {
        children.add(status);
      }
    }
    children.sort(Comparator.comparing(status -> status.getPath().getName()));
    if (!addIndex(directory, children)) {
      for (FileStatus child : children) {
        if (child.isDir()) {
          addDirectory(child.getPath());
        } else {
          addFile(child);
        }
      }
    }
  }

  private static @Nullable FileStatus @Nullable [] statuses(Path directory) throws IOException {
    try {
      return directory.getFileSystem().listStatus(directory);
    } catch (FileNotFoundException e) {
      return null;
    }
  }

  private boolean addIndex(Path directory, List<FileStatus> children) {
    List<FileStatus> indexes =
        children.stream()
            .filter(child -> !child.isDir())
            .filter(child -> child.getPath().getName().endsWith(SafetensorsIndex.ENDING))
            .toList();
    if (indexes.isEmpty()) {
      return false;
    }
    for (FileStatus index : indexes) {
      if (indexes.size() == 1 || index.getPath().getName().equals(SafetensorsIndex.USUAL_NAME)) {
        add(Kind.INDEX, index);
        return true;
      }
    }
    long modifiedMillis = 0;
    long sizeBytes = 0;
    for (FileStatus index : indexes) {
      modifiedMillis = Math.max(modifiedMillis, index.getModificationTime());
      sizeBytes += index.getLen();
    }
    entries.add(new InputEntry(Kind.SEVERAL_INDEXES, directory, modifiedMillis, sizeBytes));
    return true;
  }

  private void addFile(FileStatus file) {
    Optional<TensorFormat> format = Formats.byName(file.getPath().getName());
    format.ifPresent(known -> add(known instanceof PickleRefusal ? Kind.PICKLE : Kind.FILE, file));
  }
}
