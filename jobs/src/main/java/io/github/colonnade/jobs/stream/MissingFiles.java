package io.github.colonnade.jobs.stream;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
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
   * Whether there is nothing at a URI.
   *
   * @throws IOException if that cannot be told
   */
  static boolean isMissing(String uri) throws IOException {
    Path path = new Path(uri);
    try {
      path.getFileSystem().getFileStatus(path);
      return false;
    } catch (IOException e) {
      if (isCauseOf(e)) {
        return true;
      }
      throw e;
    }
  }
}
