package io.github.colonnade.connectors.io;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.UnsupportedFileSystemSchemeException;

/**
 * Reading through Flink's file systems.
 *
 * <p>An input that is not there is a {@link FormatException}; an {@link IOException} is trouble of
 * the storage itself.
 */
public final class InputFiles {
  /** Parts of messages of local files that cannot be opened, where it is no use to try again. */
  private static final List<String> MISTAKES =
      List.of("Permission denied", "Not a directory", "Is a directory", "File name too long");

  private static final int PIECE_BYTES = 1 << 20;

  private InputFiles() {}

  /**
   * The absolute path of an input as a user writes it: a path or a URI.
   *
   * @throws FormatException if the text is not a path, or no file system serves its scheme
   */
  public static Path qualify(String input) throws IOException {
    try {
      Path path = new Path(input);
      return path.makeQualified(path.getFileSystem());
    } catch (IllegalArgumentException e) {
      throw FormatException.of(
              input, "this is not a path or URI: " + e.getMessage() + "; check the spelling")
          .causedBy(e);
    } catch (UnsupportedFileSystemSchemeException e) {
      throw FormatException.of(
              input,
              "no file system is installed for this scheme; add its plugin to Flink's plugins"
                  + " folder")
          .causedBy(e);
    }
  }

  /**
   * Length, modification time and kind of a file or directory.
   *
   * @throws FormatException if it does not exist
   */
  public static FileStatus status(Path path) throws IOException {
    try {
      return path.getFileSystem().getFileStatus(path);
    } catch (FileNotFoundException e) {
      throw missing(path, e);
    }
  }

  /**
   * Length of a file in bytes.
   *
   * @throws FormatException if it does not exist
   */
  public static long length(Path path) throws IOException {
    return status(path).getLen();
  }

  /**
   * Opens a file for reading; the caller closes it.
   *
   * @throws FormatException if it does not exist
   */
  public static FSDataInputStream open(Path path) throws IOException {
    try {
      return path.getFileSystem().open(path);
    } catch (FileNotFoundException e) {
      throw missing(path, e);
    }
  }

  /** The first {@code count} bytes of a file, fewer if it is shorter. */
  public static byte[] head(Path path, int count) throws IOException {
    try (InputStream in = open(path)) {
      byte[] head = new byte[count];
      int got = in.readNBytes(head, 0, count);
      return Arrays.copyOf(head, got);
    }
  }

  /**
   * The next {@code count} bytes of a stream, fewer if it ends before. Memory grows with what is
   * there, so that a wrong count cannot claim it.
   */
  public static byte[] next(InputStream in, int count) throws IOException {
    byte[] bytes = new byte[Math.min(count, PIECE_BYTES)];
    int length = 0;
    while (length < count) {
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, (int) Math.min(count, 2L * length));
      }
      // Local files are read through native memory of the size that is asked for.
      int got = in.read(bytes, length, Math.min(bytes.length - length, PIECE_BYTES));
      if (got < 0) {
        return Arrays.copyOf(bytes, length);
      }
      length += got;
    }
    return bytes;
  }

  /** Reads {@code count} bytes to a place of an array, and returns how many came before the end. */
  public static int read(InputStream in, byte[] target, int from, int count) throws IOException {
    int length = 0;
    while (length < count) {
      // Local files are read through native memory of the size that is asked for.
      int got = in.read(target, from + length, Math.min(count - length, PIECE_BYTES));
      if (got < 0) {
        break;
      }
      length += got;
    }
    return length;
  }

  /**
   * Opens the bytes [fromByte, fromByte + length) of a file.
   *
   * @throws FormatException if the file does not exist; while reading, if it ends before the range
   */
  public static InputStream range(Path path, long fromByte, long length) throws IOException {
    if (fromByte < 0 || length < 0 || fromByte > Long.MAX_VALUE - length) {
      throw new IllegalArgumentException(
          "range of " + length + " bytes from byte " + fromByte + " of " + path);
    }
    FSDataInputStream in = open(path);
    try {
      // A position past the end is found while reading: there the message can name it.
      if (fromByte > 0 && length > 0) {
        in.seek(fromByte);
      }
      return new RangeInputStream(in, path.toString(), fromByte, length);
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /**
   * As {@link #range}, for bytes that are read in their order, while somebody computes with those
   * that came before: of a file in a network, a thread of the stream reads ahead.
   */
  public static InputStream rangeAhead(Path path, long fromByte, long length) throws IOException {
    // Asked before anything is open that a failure would leave so.
    boolean inNetwork = isInNetwork(path);
    InputStream range = range(path, fromByte, length);
    return inNetwork ? ahead(path, range, length) : range;
  }

  /**
   * As {@link #rangeAhead}, for the next {@code length} bytes of a file that is open. The stream
   * closes the file; if this throws, that is for the caller.
   */
  public static InputStream nextAhead(FSDataInputStream in, Path path, long length)
      throws IOException {
    InputStream range = new RangeInputStream(in, path.toString(), in.getPos(), length);
    return isInNetwork(path) ? ahead(path, range, length) : range;
  }

  private static InputStream ahead(Path path, InputStream range, long length) {
    return new ReadAheadInputStream(range, length, "colonnade-read " + path.getName());
  }

  /**
   * The most bytes that {@link #rangeAhead} takes in memory for what it reads ahead, while the
   * stream is open. If it is closed while the storage is waited for, these bytes and a thread stay
   * until that read returns, after the timeout of the storage's client at the latest; they are not
   * counted then.
   */
  public static long aheadBytes(Path path, long length) {
    return isInNetwork(path) ? Math.min(length, ReadAhead.MOST_BYTES) : 0;
  }

  /** Of local files the system reads ahead, and copying once more takes as long as reading. */
  private static boolean isInNetwork(Path path) {
    try {
      return path.getFileSystem().isDistributedFS();
    } catch (IOException e) {
      // Nothing serves its scheme, as opening it tells.
      return false;
    }
  }

  /**
   * What to tell of a file that cannot be opened.
   *
   * @throws FileNotFoundException the cause, if that is trouble of the storage: any failure to open
   *     a local file comes as "not found", with the reason in its message
   */
  private static FormatException missing(Path path, FileNotFoundException cause)
      throws IOException {
    String told = cause.getMessage() == null ? "" : cause.getMessage();
    boolean denied = told.contains("Permission denied");
    if (!path.getFileSystem().isDistributedFS()
        && MISTAKES.stream().noneMatch(told::contains)
        && !Files.notExists(java.nio.file.Path.of(path.toUri().getPath()))) {
      throw cause;
    }
    return FormatException.of(
            path.toString(),
            denied
                ? "it cannot be read: permission denied; check its owner and mode"
                : "there is no such file or directory: " + path + "; check the path")
        .causedBy(cause);
  }
}
