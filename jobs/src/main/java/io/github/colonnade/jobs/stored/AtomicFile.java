package io.github.colonnade.jobs.stored;

import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableFsDataOutputStream;

/** A file that appears when all of it is written, also in an object store, or not at all. */
public final class AtomicFile {

  /** Writes the contents. */
  public interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Checks, before any work, that files can be written in this way.
   *
   * @param shown the directory as the user knows it
   * @throws UsageException if its file system cannot
   */
  static void requireSupport(String shown, Path directory) throws IOException {
    try {
      directory.getFileSystem().createRecoverableWriter();
    } catch (UnsupportedOperationException e) {
      throw new UsageException(
          shown
              + ": the file system of this scheme cannot write a file in one step; choose an"
              + " --output on a local disk, or in S3 with the plugin flink-s3-fs-hadoop, as s3:// or"
              + " s3a://",
          e);
    }
  }

  /** Writes a file; one that is there is replaced. */
  public static void write(Path file, Content content) throws IOException {
    RecoverableFsDataOutputStream out = file.getFileSystem().createRecoverableWriter().open(file);
    RecoverableFsDataOutputStream.Committer committer;
    try {
      content.writeTo(out);
      committer = out.closeForCommit();
    } catch (IOException | RuntimeException e) {
      // Closed without being committed, the stream leaves nothing.
      try {
        out.close();
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    committer.commit();
  }
}
