package io.github.colonnade.jobs.stored;

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
