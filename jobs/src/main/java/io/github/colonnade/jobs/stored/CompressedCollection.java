package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.CollectionReader;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestException;
import io.github.colonnade.jobs.manifest.Root;
import java.io.BufferedInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import org.apache.flink.core.fs.Path;

/**
 * The result of a finished run, or of runs that add to each other's results.
 *
 * @param directory where it is, as an absolute URI
 * @param manifest what it holds, of all segments together if there are several
 * @param root the segments as they were when it was read; none if the manifest is in one file
 */
public record CompressedCollection(Path directory, Manifest manifest, Optional<Root> root) {

  /** A collection with one manifest. */
  public CompressedCollection(Path directory, Manifest manifest) {
    this(directory, manifest, Optional.empty());
  }

  /** Whether tensors that were found are yet to come. */
  public boolean isOpen() {
    return root.isPresent() && root.get().open();
  }

  /**
   * Reads the manifest of a directory, or its segments.
   *
   * @param directory a path or a URI
   * @throws UsageException if there is no directory with a manifest, or it cannot be read
   * @throws ManifestException if the manifest is not as it should be
   */
  public static CompressedCollection open(String directory) throws IOException {
    try {
      Path path = InputFiles.qualify(directory);
      CollectionReader.Read<Manifest> read = CollectionReader.read(files(path));
      return new CompressedCollection(path, read.content(), read.root());
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

  static CollectionReader.Files files(Path directory) {
    return name -> {
      Path file = new Path(directory, name);
      return new BufferedInputStream(file.getFileSystem().open(file));
    };
  }
}
