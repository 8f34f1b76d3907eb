package io.github.colonnade.connectors.format;

import org.apache.flink.core.fs.Path;

/**
 * Something that a walk through an input finds.
 *
 * @param kind what it is
 * @param path absolute
 * @param modifiedMillis when it was last written, in milliseconds since 1970; of several indexes,
 *     the last of them; else 0 for directories
 * @param sizeBytes of a file, or of several indexes together; else 0 for directories
 */
public record InputEntry(Kind kind, Path path, long modifiedMillis, long sizeBytes) {

  /** What an entry is. */
  public enum Kind {
    /** The input itself, or a file within it with the name of a known format. */
    FILE,
    /** A safetensors index: it says which files of its directory count. */
    INDEX,
    /** A file whose name says that it is a Python pickle. */
    PICKLE,
    /** A directory with several indexes, so that it is open which files count. */
    SEVERAL_INDEXES,
    /** A directory that is the output of a run that has not come to its end. */
    UNFINISHED,
    /** A directory that the storage does not list, though it was there just before. */
    NOT_LISTED
  }
}
