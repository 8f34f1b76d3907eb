package io.github.colonnade.connectors.source;

import java.util.Comparator;

/**
 * A file as it was listed.
 *
 * @param path URI
 * @param key of the path
 * @param modifiedMillis when it was last written, in milliseconds since 1970
 * @param sizeBytes its length
 */
record WatchedFile(String path, FileKey key, long modifiedMillis, long sizeBytes) {

  /** The order in which files are taken. */
  static final Comparator<WatchedFile> ORDER =
      Comparator.comparingLong(WatchedFile::modifiedMillis).thenComparing(WatchedFile::path);

  static WatchedFile of(String path, long modifiedMillis, long sizeBytes) {
    return new WatchedFile(path, FileKey.of(path), modifiedMillis, sizeBytes);
  }

  /** Whether both are the same version of the same file. */
  boolean isSameAs(WatchedFile other) {
    return key.equals(other.key)
        && modifiedMillis == other.modifiedMillis
        && sizeBytes == other.sizeBytes;
  }
}
