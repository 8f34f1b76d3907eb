package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestException;
import io.github.colonnade.jobs.manifest.ManifestReader;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.flink.core.fs.Path;

/**
 * The result of a finished run.
 *
 * @param directory where it is, as an absolute URI
 * @param manifest what it holds
 */
public record CompressedCollection(Path directory, Manifest manifest) {

  /**
   * Reads the manifest of a directory.
   *
   * @param directory a path or a URI
   * @throws UsageException if there is no directory with a manifest, or it cannot be read
   * @throws ManifestException if the manifest is not as it should be
   */
  public static CompressedCollection open(String directory) throws IOException {
    try {
      Path path = InputFiles.qualify(directory);
      Path file = new Path(path, Manifest.FILE_NAME);
      try (InputStream in = new BufferedInputStream(file.getFileSystem().open(file))) {
        return new CompressedCollection(path, ManifestReader.read(in));
      }
    } catch (FormatException e) {
      throw new UsageException(directory + ": " + e.reason(), e);
    } catch (FileNotFoundException e) {
      throw new UsageException(
          directory + ": there is no " + Manifest.FILE_NAME + " of a finished run", e);
    } catch (ManifestException e) {
      throw e;
    } catch (IOException e) {
      throw new UsageException(directory + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
