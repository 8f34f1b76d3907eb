package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
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
    FileStatus status = InputFiles.status(path);
    boolean found = false;
    @Nullable Path pickle = null;
    for (InputEntry entry : InputWalk.of(status)) {
      switch (entry.kind()) {
        case FILE -> {
          addAll(Formats.of(entry.path()).list(entry.path()));
          found = true;
        }
        case INDEX -> {
          addAll(new SafetensorsIndex().list(entry.path()));
          found = true;
        }
        case PICKLE -> pickle = pickle == null ? entry.path() : pickle;
        case SEVERAL_INDEXES ->
            throw FormatException.of(entry.path().toString(), InputWalk.INDEXES);
        case UNFINISHED ->
            throw FormatException.of(entry.path().toString(), InputWalk.UNFINISHED_OUTPUT);
        case NOT_LISTED -> {
          // Whatever it holds, it cannot be read.
        }
      }
    }
    if (!found) {
      throw FormatException.of(
          path.toString(),
          pickle == null
              ? "the directory holds no tensors; give " + Formats.NAMES + " files"
              : "the directory holds no tensors but "
                  + pickle.getName()
                  + ", and "
                  + PickleRefusal.REASON);
    }
  }

  private void addAll(List<TensorInfo> found) {
    for (TensorInfo tensor : found) {
      requireShortName(tensor);
      if (seen.add(new Key(tensor.source(), tensor.name()))) {
        tensors.add(tensor);
      }
    }
  }

  /**
   * Checks the length of a tensor's name.
   *
   * @throws FormatException if it is longer than {@link #MAX_NAME_LENGTH}
   */
  public static void requireShortName(TensorInfo tensor) {
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
  }
}
