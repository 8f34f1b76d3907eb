package io.github.colonnade.jobs.stored;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/** What is in a directory. */
public final class Listing {

  private Listing() {}

  /** The files and directories in a directory; none if it is not there. */
  public static List<FileStatus> of(Path directory) throws IOException {
    try {
      FileStatus[] found = directory.getFileSystem().listStatus(directory);
      return found == null ? List.of() : Arrays.stream(found).filter(Objects::nonNull).toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }
}
