package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/** Tells a file that is gone from a storage that fails. */
final class MissingFiles {

  /** Why a tensor of such a file is rejected. */
  static final String REASON =
      "its file was removed before the tensor was stored; keep files until they are in the"
          + " collection";

  private MissingFiles() {}

  static boolean isCauseOf(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof FileNotFoundException || cause instanceof NoSuchFileException) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether a file of an input is gone, the input itself still being there.
   *
   * @param inputs the URIs of all inputs
   * @throws IOException if that cannot be told, as when a disk is not mounted
   */
  static boolean isGone(List<String> inputs, String uri) throws IOException {
    if (!isMissing(uri)) {
      return false;
    }
    for (String input : inputs) {
      Path root = InputFiles.qualify(input);
      if (uri.startsWith(root + "/")) {
        FileStatus[] there = isMissing(root.toString()) ? null : list(root);
        if (there == null || there.length == 0) {
          throw new FileNotFoundException(input + ": it is missing or empty, with all its files");
        }
      }
    }
    return true;
  }

  private static FileStatus[] list(Path directory) throws IOException {
    return directory.getFileSystem().listStatus(directory);
  }

  /**
   * Whether there is nothing at a URI.
   *
   * @throws IOException if that cannot be told
   */
  static boolean isMissing(String uri) throws IOException {
    try {
      InputFiles.status(new Path(uri));
      return false;
    } catch (FormatException e) {
      if (isCauseOf(e)) {
        return true;
      }
      throw e;
    }
  }
}
