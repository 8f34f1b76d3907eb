package io.github.colonnade.jobs.stored;

import java.nio.file.Files;
import org.apache.flink.core.fs.Path;

/**
 * Symbolic links in the directory of a collection. They are followed where files are read, as
 * caches of models consist of them; nothing is written or removed through one, since whoever made
 * the collection may have let it lead anywhere.
 */
final class Links {
  private Links() {}

  /** Whether a local file or directory is a link. */
  static boolean isLink(Path path) {
    String scheme = path.toUri().getScheme();
    return (scheme == null || scheme.equals("file"))
        && Files.isSymbolicLink(java.nio.file.Path.of(path.toUri().getPath()));
  }

  /**
   * Whether there is a link on the way from a directory, that not included.
   *
   * @param relative a plain path below the directory
   */
  static boolean isOnTheWay(Path directory, String relative) {
    Path path = directory;
    for (String name : relative.split("/", -1)) {
      path = new Path(path, name);
      if (isLink(path)) {
        return true;
      }
    }
    return false;
  }
}
