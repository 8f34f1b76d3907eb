package io.github.colonnade.connectors.source;

import java.util.HashMap;
import java.util.Map;

/**
 * Since when files that were not taken yet have been the same, so that none is taken that is still
 * being written. Not kept in checkpoints: after a restart they are looked at for one more interval.
 */
final class Sightings {

  private record Sighting(WatchedFile file, long sinceMillis) {}

  private final long waitMillis;
  private Map<FileKey, Sighting> earlier = new HashMap<>();
  private Map<FileKey, Sighting> now = new HashMap<>();
  private long nowMillis;

  /**
   * @param waitMillis for how long a file has to be the same; 0 if files are there when they are
   *     listed
   */
  Sightings(long waitMillis) {
    this.waitMillis = waitMillis;
  }

  /** A listing that began at this time. */
  void begin(long startMillis) {
    earlier = now;
    now = new HashMap<>();
    nowMillis = startMillis;
  }

  /** Whether a file of this listing has been the same for long enough. */
  boolean isSettled(WatchedFile file) {
    Sighting before = earlier.get(file.key());
    boolean same = before != null && before.file().isSameAs(file);
    long since = same && before != null ? before.sinceMillis() : nowMillis;
    now.put(file.key(), new Sighting(file, since));
    return nowMillis - since >= waitMillis;
  }
}
