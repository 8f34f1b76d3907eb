package io.github.colonnade.jobs.manifest;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What {@code manifest.json} holds where a collection grows: how many segments there are. Segment n
 * is a manifest of its own, {@link #file file(n)} below the directory of the collection, whose
 * locations are relative to that directory too. Segments are never changed; the root is replaced in
 * one step when there is one more. A root that names another directory says that the collection was
 * written again.
 *
 * @param directory the name of the directory of the segments
 * @param count how many segments there are, at least one
 * @param open whether more is to come of what was found; if not, all of it is here or rejected
 */
public record Root(String directory, long count, boolean open) implements Serializable {

  /** A segment a second is reached after thirty years. */
  private static final long MOST_SEGMENTS = 999_999_999;

  private static final Pattern DIRECTORY = Pattern.compile("segments-[0-9a-f]{8}");

  public Root {
    if (!isDirectory(directory)) {
      throw new IllegalArgumentException(
          "directory: expected segments- and 8 lower-case hexadecimal digits, got " + directory);
    }
    Checks.atLeast("count", 1, count);
    if (count > MOST_SEGMENTS) {
      throw new IllegalArgumentException(
          "count: expected at most " + MOST_SEGMENTS + " segments, got " + count);
    }
  }

  /** Whether this may be the name of a directory of segments. */
  public static boolean isDirectory(String name) {
    return DIRECTORY.matcher(name).matches();
  }

  /**
   * The file of a segment, relative to the directory of the collection.
   *
   * @param number of the segment, from 1
   */
  public String file(long number) {
    return directory + "/" + String.format(Locale.ROOT, "%06d.json", number);
  }

  /** The root with one segment more. */
  public Root next(boolean open) {
    return new Root(directory, count + 1, open);
  }

  /** The same segments, complete. */
  public Root closed() {
    return new Root(directory, count, false);
  }
}
