package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.compress.Outcome.FileWritten;
import io.github.colonnade.jobs.flink.CodecSerializer;
import io.github.colonnade.jobs.stored.AtomicFile;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;

/**
 * Keeps, beside the output files, what the manifest has to say of each.
 *
 * @param directory where they are kept, a URI
 */
record KeptOutcomes(String directory) implements Serializable {

  private Path path(String file) {
    return new Path(directory, file + ".outcome");
  }

  /** The outcome of a file that was written before; the file itself was complete then. */
  Optional<FileWritten> find(String file) throws IOException {
    Path path = path(file);
    FileSystem fileSystem = path.getFileSystem();
    if (!fileSystem.exists(path)) {
      return Optional.empty();
    }
    try (FSDataInputStream bytes = fileSystem.open(path);
        DataInputViewStreamWrapper in =
            new DataInputViewStreamWrapper(new BufferedInputStream(bytes))) {
      return Optional.of((FileWritten) serializer().deserialize(in));
    }
  }

  /** Keeps an outcome, in one step. */
  void keep(FileWritten written) throws IOException {
    Path path = path(written.file());
    path.getFileSystem().mkdirs(path.getParent());
    byte[] bytes = serializer().toBytes(written);
    AtomicFile.write(path, out -> out.write(bytes));
  }

  private static CodecSerializer<Outcome> serializer() {
    return new CodecSerializer<>(new Outcome.OutcomeCodec());
  }
}
