package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.format.InputEntry;
import io.github.colonnade.connectors.format.InputWalk;
import io.github.colonnade.connectors.format.SafetensorsIndex;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Lists the files of inputs again and again.
 *
 * <p>Where a directory has a safetensors index, those of the files that it names count that are
 * there; each is a file by itself, so that nothing is given twice if the index is written last. A
 * file whose name is that of a pickle is listed too, and so is a directory with several indexes or
 * an index that is not sound: whoever opens these is told why they are refused.
 */
final class WatchedInputs {

  /**
   * What there is.
   *
   * @param files each once
   * @param complete false if files may be missing here that are not gone: an input is not there or
   *     empty, a directory cannot be listed, or is being written
   * @param startMillis when the listing began, in milliseconds since 1970
   */
  record Listed(Collection<WatchedFile> files, boolean complete, long startMillis) {}

  /** An index in one version, and the files that it names; none if it is not sound. */
  private record Index(long modifiedMillis, long sizeBytes, Optional<List<Path>> shards) {}

  private final List<String> inputs;
  private final boolean once;
  private Map<Path, Index> indexes = new HashMap<>();

  /**
   * @param once whether all must be there: a missing input, an unfinished output and a missing file
   *     of an index are mistakes then, while later listings may find them otherwise
   */
  WatchedInputs(List<String> inputs, boolean once) {
    this.inputs = inputs;
    this.once = once;
  }

  /**
   * Lists all inputs.
   *
   * @throws FormatException if an input is no path, no file system serves it, or, with {@code
   *     once}, it is missing or an unfinished output
   * @throws IOException if the storage fails
   */
  synchronized Listed list() throws IOException {
    Pass pass = new Pass();
    for (String input : inputs) {
      pass.addInput(InputFiles.qualify(input));
    }
    indexes = pass.indexes;
    return new Listed(pass.files.values(), pass.complete, pass.startMillis);
  }

  /** One listing. */
  private final class Pass {
    private final long startMillis = System.currentTimeMillis();
    private final Map<FileKey, WatchedFile> files = new LinkedHashMap<>();
    private final Map<Path, Index> indexes = new HashMap<>();
    private boolean complete = true;

    private void addInput(Path path) throws IOException {
      FileStatus status;
      try {
        status = once ? InputFiles.status(path) : path.getFileSystem().getFileStatus(path);
      } catch (FileNotFoundException e) {
        complete = false;
        return;
      }
      List<InputEntry> entries = InputWalk.of(status);
      // An empty directory may be where a disk is not mounted.
      complete &= !entries.isEmpty();
      for (InputEntry entry : entries) {
        switch (entry.kind()) {
          case FILE, PICKLE, SEVERAL_INDEXES -> add(entry);
          case INDEX -> addIndex(entry);
          case UNFINISHED -> {
            if (once) {
              throw FormatException.of(entry.path().toString(), InputWalk.UNFINISHED_OUTPUT);
            }
            complete = false;
          }
          case NOT_LISTED -> complete = false;
        }
      }
    }

    private void add(InputEntry entry) {
      add(entry.path(), entry.modifiedMillis(), entry.sizeBytes());
    }

    private void add(Path path, long modifiedMillis, long sizeBytes) {
      WatchedFile file = WatchedFile.of(path.toString(), modifiedMillis, sizeBytes);
      files.putIfAbsent(file.key(), file);
    }

    private void addIndex(InputEntry entry) throws IOException {
      Index index = WatchedInputs.this.indexes.get(entry.path());
      if (index == null
          || index.modifiedMillis() != entry.modifiedMillis()
          || index.sizeBytes() != entry.sizeBytes()) {
        index = new Index(entry.modifiedMillis(), entry.sizeBytes(), shards(entry.path()));
      }
      indexes.put(entry.path(), index);
      if (index.shards().isEmpty()) {
        complete = false;
        add(entry);
        return;
      }
      Map<Path, FileStatus> there = new HashMap<>();
      Set<@Nullable Path> folders = new HashSet<>();
      boolean missing = false;
      for (Path shard : index.shards().get()) {
        if (folders.add(shard.getParent())) {
          children(shard.getParent()).forEach(child -> there.put(child.getPath(), child));
        }
        FileStatus status = there.get(shard);
        if (status == null) {
          missing = true;
        } else {
          add(shard, status.getModificationTime(), status.getLen());
        }
      }
      if (missing && once) {
        add(entry);
      }
    }

    private static Optional<List<Path>> shards(Path index) throws IOException {
      try {
        return Optional.of(SafetensorsIndex.shards(index));
      } catch (FormatException e) {
        return Optional.empty();
      }
    }

    private List<FileStatus> children(@Nullable Path folder) throws IOException {
      List<FileStatus> children = new ArrayList<>();
      @Nullable FileStatus @Nullable [] statuses = null;
      try {
        statuses = folder == null ? null : folder.getFileSystem().listStatus(folder);
      } catch (FileNotFoundException e) {
        complete = false;
      }
      for (FileStatus status : statuses == null ? new FileStatus[0] : statuses) {
        if (status != null && !status.isDir()) {
          children.add(status);
        }
      }
      return children;
    }
  }
}
