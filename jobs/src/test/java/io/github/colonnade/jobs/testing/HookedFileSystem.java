package io.github.colonnade.jobs.testing;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/**
 * Local files with the scheme {@code hooked}; a test may do something before one is opened or
 * renamed.
 */
public final class HookedFileSystem extends LocalFileSystem {

  /** What a test does. */
  public interface Hook {
    void beforeOpening(Path path) throws IOException;

    default void beforeRenaming(Path path) throws IOException {}
  }

  private static volatile Hook hook = path -> {};

  /** Sets what is done before a file is opened or renamed. */
  public static void setHook(Hook next) {
    hook = next;
  }

  @Override
  public URI getUri() {
    return URI.create("hooked:///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    return open(path);
  }

  @Override
  public FSDataInputStream open(Path path) throws IOException {
    hook.beforeOpening(path);
    return super.open(path);
  }

  @Override
  public boolean rename(Path from, Path to) throws IOException {
    hook.beforeRenaming(from);
    return super.rename(from, to);
  }

  /** Found by Flink as a service. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "hooked";
    }

    @Override
    public FileSystem create(URI uri) {
      return new HookedFileSystem();
    }
  }
}
