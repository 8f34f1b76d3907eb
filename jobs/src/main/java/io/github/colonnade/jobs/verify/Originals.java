package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.format.Formats;
import io.github.colonnade.connectors.format.InputEntry;
import io.github.colonnade.connectors.format.InputWalk;
import io.github.colonnade.connectors.format.SafetensorsIndex;
import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.TensorKey;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/**
 * The tensors of the inputs as they are now.
 *
 * @param tensors all that could be listed
 * @param unreadable the sources in the manifest that could not be read
 * @param waiting the files of an open collection that cannot be read, and are not in it yet
 */
record Originals(Map<TensorKey, TensorInfo> tensors, Set<String> unreadable, long waiting) {

  /**
   * Lists the inputs of the run, and the sources in its manifest that they no longer name. What
   * cannot be read is found at fault once.
   *
   * <p>The inputs of a collection that grows are listed file by file: one that is broken counts by
   * itself. It must have been rejected; or, while the collection is open, it may be still to come.
   */
  static Originals list(
      CompressedCollection collection, FileRejections rejections, Findings findings)
      throws IOException {
    Manifest manifest = collection.manifest();
    Listing listing = new Listing(collection.directory() + "/");
    for (String input : manifest.settings().inputs()) {
      if (collection.root().isPresent()) {
        listing.addEachOf(input);
      } else {
        listing.add(input);
      }
    }
    Set<String> sources = new LinkedHashSet<>();
    manifest.blocks().stream().map(BlockEntry::source).forEach(sources::add);
    Set<String> own = Set.copyOf(sources);
    manifest.rejected().stream()
        .filter(entry -> !entry.isWholeFile())
        .map(RejectedEntry::source)
        .forEach(sources::add);
    listing.tensors.keySet().forEach(key -> sources.remove(key.source()));
    sources.removeIf(rejections::covers);
    for (String source : sources) {
      if (!listing.failures.containsKey(source)) {
        listing.add(source);
      }
    }

    long waiting = 0;
    Set<String> failures = new LinkedHashSet<>();
    Set<String> unreadable = new LinkedHashSet<>();
    for (Map.Entry<String, String> failure : listing.failures.entrySet()) {
      if (rejections.covers(failure.getKey())) {
        continue;
      }
      if (sources.contains(failure.getKey())) {
        unreadable.add(failure.getKey());
      }
      if (collection.isOpen() && !own.contains(failure.getKey())) {
        waiting++;
      } else {
        failures.add(failure.getValue());
      }
    }
    failures.forEach(findings::add);
    return new Originals(listing.tensors, unreadable, waiting);
  }

  /** The bytes of all files that hold the tensors, each once. */
  long fileBytes() throws IOException {
    Set<String> files = new LinkedHashSet<>();
    for (TensorInfo tensor : tensors.values()) {
      files.add(tensor.source());
      files.add(tensor.payload().path());
    }
    long bytes = 0;
    for (String file : files) {
      bytes += InputFiles.length(new Path(file));
    }
    return bytes;
  }

  /** What is being listed. */
  private static final class Listing {
    /** The output may have been written into a directory of the input. */
    private final String ownDirectory;

    private final Map<TensorKey, TensorInfo> tensors = new LinkedHashMap<>();

    /** By what could not be read. */
    private final Map<String, String> failures = new LinkedHashMap<>();

    Listing(String ownDirectory) {
      this.ownDirectory = ownDirectory;
    }

    /** Adds what a file or directory holds, all or nothing. */
    void add(String input) throws IOException {
      try {
        TensorLister.list(List.of(input)).tensors().forEach(this::add);
      } catch (FormatException e) {
        failed(input, e);
      }
    }

    private void add(TensorInfo tensor) {
      if (!tensor.source().startsWith(ownDirectory)) {
        tensors.putIfAbsent(new TensorKey(tensor.source(), tensor.name()), tensor);
      }
    }

    /** Adds each file that an input holds, by itself; those of an index are files as others. */
    void addEachOf(String input) throws IOException {
      try {
        for (InputEntry entry : InputWalk.of(InputFiles.status(InputFiles.qualify(input)))) {
          String path = entry.path().toString();
          switch (entry.kind()) {
            case FILE -> addFile(path);
            case INDEX -> addShards(path);
            case SEVERAL_INDEXES -> failed(path, FormatException.of(path, InputWalk.INDEXES));
            case UNFINISHED -> failed(path, FormatException.of(path, InputWalk.UNFINISHED_OUTPUT));
            case NOT_LISTED -> failed(path, FormatException.of(path, "it cannot be listed"));
            case PICKLE -> {
              // Some runs pass over pickles and some refuse them; none takes tensors of one.
            }
          }
        }
      } catch (FormatException e) {
        failed(input, e);
      }
    }

    private void addShards(String index) throws IOException {
      List<Path> shards;
      try {
        shards = SafetensorsIndex.shards(new Path(index));
      } catch (FormatException e) {
        failed(index, e);
        return;
      }
      for (Path shard : shards) {
        addFile(shard.toString());
      }
    }

    private void addFile(String file) throws IOException {
      if (file.startsWith(ownDirectory)) {
        return;
      }
      try {
        Path path = new Path(file);
        Formats.of(path).list(path).forEach(this::add);
      } catch (FormatException e) {
        failed(file, e);
      } catch (FileNotFoundException e) {
        failed(file, FormatException.of(file, "it is not there"));
      }
    }

    private void failed(String file, FormatException failure) {
      failures.putIfAbsent(file, "the original cannot be read: " + failure.getMessage());
    }
  }
}
