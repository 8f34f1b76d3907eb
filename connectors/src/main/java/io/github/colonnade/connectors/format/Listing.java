package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.tensor.TensorInfo;
import java.util.List;

/**
 * The tensors of a run's inputs.
 *
 * @param tensors inputs in the order given, files of a directory sorted, tensors in the order of
 *     their data; no two have the same source and name
 */
public record Listing(List<TensorInfo> tensors) {
  /** Takes an unmodifiable copy. */
  public Listing {
    tensors = List.copyOf(tensors);
  }

  /** URIs of the files that list the tensors, in order, each once. */
  public List<String> sources() {
    return tensors.stream().map(TensorInfo::source).distinct().toList();
  }

  /** Bytes of all canonical payloads together. */
  public long sizeBytes() {
    return tensors.stream().mapToLong(TensorInfo::sizeBytes).sum();
  }
}
