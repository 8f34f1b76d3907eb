package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.jobs.flink.FileSystems;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the runs of a machine from changing a collection at the same time; it is held for the
 * moments in which files get their final place and are named. Of a collection in an object store
 * other machines are not kept away.
 */
public final class CollectionLock implements Closeable {

  private static final int NAME_BYTES = 16;

  /** A file may be locked once only in a process. */
  private static final Map<String, ReentrantLock> OF_PROCESS = new ConcurrentHashMap<>();

  private final ReentrantLock ofProcess;
  private final @Nullable FileChannel channel;

  private CollectionLock(ReentrantLock ofProcess, @Nullable FileChannel channel) {
    this.ofProcess = ofProcess;
    this.channel = channel;
  }

  /** Waits until no other run has it. The thread that takes it must give it back. */
  public static CollectionLock of(Path directory) throws IOException {
    String name = directory.makeQualified(directory.getFileSystem()).toString();
    ReentrantLock ofProcess = OF_PROCESS.computeIfAbsent(name, each -> new ReentrantLock());
    ofProcess.lock();
    try {
      return new CollectionLock(
          ofProcess, FileSystems.isObjectStore(directory) ? null : locked(name));
    } catch (IOException | RuntimeException e) {
      ofProcess.unlock();
      throw e;
    }
  }

  @SuppressWarnings("UnusedVariable") // The lock is held by the channel.
  private static FileChannel locked(String name) throws IOException {
    byte[] digest = Sha256.digest().digest(name.getBytes(StandardCharsets.UTF_8));
    java.nio.file.Path directory =
        java.nio.file.Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    Files.createDirectories(directory);
    FileChannel channel =
        FileChannel.open(
            directory.resolve(
                "colonnade-" + HexFormat.of().formatHex(digest, 0, NAME_BYTES) + ".lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    try {
      var unused = channel.lock();
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      ofProcess.unlock();
    }
  }
}
