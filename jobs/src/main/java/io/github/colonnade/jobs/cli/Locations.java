package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.flink.FileSystems;
import io.github.colonnade.jobs.manifest.Manifest;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.Path;

/** Paths and URIs of the command line. */
final class Locations {

  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");

  /** A name and a password before the host. A password may have slashes; a port is none. */
  private static final Pattern CREDENTIALS =
      Pattern.compile("[A-Za-z0-9+.-]+://[^/@:]*:(?![0-9]{1,5}/).*@.*");

  private Locations() {}

  /** Whether a location is a URI and not a path. */
  static boolean isUri(String location) {
    return URI.matcher(location).matches();
  }

  /** The absolute URI of a path or URI, its special characters as they are. */
  static String absolute(String location) throws IOException {
    mustHaveNoCredentials(location);
    if (isUri(location)) {
      return location;
    }
    try {
      java.nio.file.Path path = java.nio.file.Path.of(location).toAbsolutePath().normalize();
      return InputFiles.qualify(path.toString()).toString();
    } catch (InvalidPathException e) {
      throw new UsageException(location + ": not a path: " + e.getReason(), e);
    }
  }

  /**
   * Checks that nobody reads credentials in messages or the manifest.
   *
   * @throws UsageException that does not repeat them
   */
  static void mustHaveNoCredentials(String location) {
    if (CREDENTIALS.matcher(location).matches()) {
      throw new UsageException(
          location.substring(0, location.indexOf(':'))
              + "://…@…: a URI with credentials would be shown to others; put them into Flink's"
              + " configuration or the environment");
    }
  }

  /** Checks that a directory to be written is not there yet. */
  static void mustNotExist(String uri) throws IOException {
    Path path = InputFiles.qualify(uri);
    if (!path.getFileSystem().exists(path)) {
      return;
    }
    boolean unfinished =
        FileSystems.isObjectStore(path)
            && !path.getFileSystem().exists(new Path(path, Manifest.FILE_NAME));
    throw new UsageException(
        uri
            + (unfinished
                ? ": there are files of an unfinished run, or others; remove them or give another"
                : ": the output is there already; remove it or give another")
            + " --output");
  }

  /**
   * Checks that inputs are there.
   *
   * @throws UsageException naming the first that is not
   */
  static void mustExist(List<String> uris) throws IOException {
    for (String uri : uris) {
      Path path = InputFiles.qualify(uri);
      if (!path.getFileSystem().exists(path)) {
        throw new UsageException(uri + ": there is no such file or directory; check the path");
      }
    }
  }

  /** Checks that a directory to be written is in none of the inputs, whose files it would join. */
  static void mustNotLieInside(String output, List<String> inputs) throws IOException {
    for (String input : inputs) {
      Path directory = InputFiles.qualify(input);
      for (Path above = InputFiles.qualify(output).getParent();
          above != null;
          above = above.getParent()) {
        if (above.equals(directory)) {
          throw new UsageException(
              output + " lies inside the input " + input + "; choose another --output");
        }
      }
    }
  }
}
