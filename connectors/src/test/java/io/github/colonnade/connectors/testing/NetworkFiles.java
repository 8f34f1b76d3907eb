package io.github.colonnade.connectors.testing;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalDataInputStream;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.jspecify.annotations.Nullable;

/** Local files with the scheme {@code net}, which say that they are in a network. */
public final class NetworkFiles extends LocalFileSystem {
  private static final AtomicInteger OPEN = new AtomicInteger();
  private static final AtomicInteger OPENED = new AtomicInteger();
  private static final AtomicLong ASKED_UP_TO = new AtomicLong();
  private static final AtomicReference<@Nullable RuntimeException> TROUBLE =
      new AtomicReference<>();

  /** How many files are open. */
  public static int open() {
    return OPEN.get();
  }

  /** How often files were opened. */
  public static int opened() {
    return OPENED.get();
  }

  /** From now on only what is asked for from now on counts in {@link #askedUpTo}. */
  public static void forgetWhatWasAsked() {
    ASKED_UP_TO.set(0);
  }

  /** The end of the furthest bytes of a file that anybody asked for. */
  public static long askedUpTo() {
    return ASKED_UP_TO.get();
  }

  /** The next who asks whether files are in a network is thrown this. */
  public static void failOnce(RuntimeException trouble) {
    TROUBLE.set(trouble);
  }

  /** The same file as if it were in a network. */
  public static Path of(java.nio.file.Path file) {
    return new Path("net:" + file.toUri().getPath());
  }

  @Override
  public URI getUri() {
    return URI.create("net:///");
  }

  @Override
  public boolean isDistributedFS() {
    RuntimeException trouble = TROUBLE.getAndSet(null);
    if (trouble != null) {
      throw trouble;
    }
    return true;
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    return open(path);
  }

  @Override
  public FSDataInputStream open(Path path) throws IOException {
    FSDataInputStream file = new Counted(new File(path.getPath()));
    OPEN.incrementAndGet();
    OPENED.incrementAndGet();
    return file;
  }

  /** Counts down when it is closed. */
  private static final class Counted extends FSDataInputStream {
    private final LocalDataInputStream in;
    private boolean closed;

    Counted(File file) throws IOException {
      this.in = new LocalDataInputStream(file);
    }

    @Override
    public void seek(long position) throws IOException {
      in.seek(position);
    }

    @Override
    public long getPos() throws IOException {
      return in.getPos();
    }

    @Override
    public int read() throws IOException {
      noteAsked(1);
      return in.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      noteAsked(length);
      return in.read(buffer, offset, length);
    }

    private void noteAsked(int bytes) throws IOException {
      ASKED_UP_TO.accumulateAndGet(in.getPos() + bytes, Math::max);
    }

    @Override
    public synchronized void close() throws IOException {
      if (!closed) {
        closed = true;
        OPEN.decrementAndGet();
      }
      in.close();
    }
  }

  /** Found by Flink as a service. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "net";
    }

    @Override
    public FileSystem create(URI uri) {
      return new NetworkFiles();
    }
  }
}
