package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.format.Formats;
import io.github.colonnade.connectors.format.InputWalk;
import io.github.colonnade.connectors.format.SafetensorsIndex;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;

/** Reads the headers of files, of several at a time. */
final class FileOpener implements AutoCloseable {

  /** Headers of small files in an object store are a matter of waiting, not of work. */
  private static final int THREADS = 8;

  /** Object stores list times in milliseconds and tell those of one file in seconds, or do not. */
  private static final long COARSEST_MILLIS = 1000;

  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, daemons("colonnade-headers"));

  private static ThreadFactory daemons(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Opens files; the results are in the order of the files. */
  List<Opened> open(List<WatchedFile> files) throws InterruptedException {
    List<Callable<Opened>> tasks = new ArrayList<>();
    files.forEach(file -> tasks.add(() -> open(file)));
    List<Opened> opened = new ArrayList<>();
    for (Future<Opened> result : threads.invokeAll(tasks)) {
      try {
        opened.add(result.get());
      } catch (ExecutionException e) {
        throw new IllegalStateException("a header was not read", e.getCause());
      }
    }
    return opened;
  }

  private static Opened open(WatchedFile file) {
    Path path = new Path(file.path());
    try {
      Opened opened = read(file, path);
      return isAsListed(file, path) ? opened : new Opened.Changed(file);
    } catch (FileNotFoundException e) {
      return new Opened.Changed(file);
    } catch (IOException | RuntimeException e) {
      // Clients of object stores throw either.
      return new Opened.Failed(file, e);
    }
  }

  private static boolean isAsListed(WatchedFile file, Path path) throws IOException {
    FileStatus status = path.getFileSystem().getFileStatus(path);
    return status.isDir()
        || (status.getLen() == file.sizeBytes()
            && Math.abs(status.getModificationTime() - file.modifiedMillis()) < COARSEST_MILLIS);
  }

  private static Opened read(WatchedFile file, Path path) throws IOException {
    try {
      if (InputFiles.status(path).isDir()) {
        return new Opened.Refused(file, InputWalk.INDEXES);
      }
      if (path.getName().endsWith(SafetensorsIndex.ENDING)) {
        // An index that can be followed has no tensors of its own and is not opened.
        new SafetensorsIndex().list(path);
        return new Opened.Changed(file);
      }
      return tensors(file, Formats.of(path).list(path));
    } catch (FormatException e) {
      return new Opened.Refused(file, reason(file, e));
    }
  }

  private static Opened tensors(WatchedFile file, List<TensorInfo> listed) throws IOException {
    Set<String> names = new HashSet<>();
    List<TensorInfo> tensors = listed.stream().filter(tensor -> names.add(tensor.name())).toList();
    Set<String> others = new LinkedHashSet<>();
    tensors.forEach(tensor -> others.add(tensor.payload().path()));
    others.remove(file.path());
    long bytes = file.sizeBytes();
    for (String other : others) {
      bytes += InputFiles.length(new Path(other));
    }
    return new Opened.Tensors(file, tensors, bytes);
  }

  /** What is wrong, in words that stand beside the name of the file. */
  static String reason(WatchedFile file, FormatException e) {
    if (!e.source().equals(file.path())) {
      return e.getMessage();
    }
    return e.tensor()
        .map(name -> "tensor \"" + FormatException.oneLine(name) + "\": " + e.reason())
        .orElse(e.reason());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
