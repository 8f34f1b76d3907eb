package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.TensorKey;
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
 */
record Originals(Map<TensorKey, TensorInfo> tensors, Set<String> unreadable) {

  /**
   * Lists the inputs of the run, and the sources in its manifest that they no longer name. What
   * cannot be read is found at fault once.
   */
  static Originals list(CompressedCollection collection, Findings findings) throws IOException {
    Manifest manifest = collection.manifest();
    Map<TensorKey, TensorInfo> tensors = new LinkedHashMap<>();
    Set<String> failures = new LinkedHashSet<>();
    for (String input : manifest.settings().inputs()) {
      list(input, tensors, failures);
    }
    // The output may have been written into a directory of the input.
    String own = collection.directory() + "/";
    tensors.keySet().removeIf(key -> key.source().startsWith(own));

    Set<String> sources = new LinkedHashSet<>();
    manifest.blocks().stream().map(BlockEntry::source).forEach(sources::add);
    manifest.rejected().stream().map(RejectedEntry::source).forEach(sources::add);
    tensors.keySet().forEach(key -> sources.remove(key.source()));
    Set<String> unreadable = new LinkedHashSet<>();
    for (String source : sources) {
      if (!list(source, tensors, failures)) {
        unreadable.add(source);
      }
    }
    failures.forEach(findings::add);
    return new Originals(tensors, unreadable);
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

  private static boolean list(
      String input, Map<TensorKey, TensorInfo> tensors, Set<String> failures) throws IOException {
    try {
      for (TensorInfo tensor : TensorLister.list(List.of(input)).tensors()) {
        tensors.put(new TensorKey(tensor.source(), tensor.name()), tensor);
      }
      return true;
    } catch (FormatException e) {
      failures.add("the original cannot be read: " + e.getMessage());
      return false;
    }
  }
}
