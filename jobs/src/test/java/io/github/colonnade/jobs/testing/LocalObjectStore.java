package io.github.colonnade.jobs.testing;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;

/** Local files with the scheme of an object store; a test may do something before a call. */
public final class LocalObjectStore extends LocalFileSystem {

  /** What is about to be done. */
  public enum Call {
    CREATE,
    LIST,
    WRITE_IN_ONE_STEP
  }

  /** What a test does. */
  public interface Hook {
    void before(Call call) throws IOException;
  }

  private static volatile Hook hook = call -> {};

  /** Sets what is done before a call. */
  public static void setHook(Hook next) {
    hook = next;
  }

  @Override
  public URI getUri() {
    return URI.create("oss:///");
  }

  @Override
  public FSDataOutputStream create(Path path, FileSystem.WriteMode mode) throws IOException {
    hook.before(Call.CREATE);
    return super.create(path, mode);
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    hook.before(Call.LIST);
    return super.listStatus(path);
  }

  @Override
  public LocalRecoverableWriter createRecoverableWriter() throws IOException {
    hook.before(Call.WRITE_IN_ONE_STEP);
    return super.createRecoverableWriter();
  }

  /** Found by Flink as a service. */
  public static final class Factory implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "oss";
    }

    @Override
    public FileSystem create(URI uri) {
      return new LocalObjectStore();
    }
  }
}
