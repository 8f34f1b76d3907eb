package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.tensor.TensorInfo;
import java.util.List;

/** What came of opening a file to read its header. */
sealed interface Opened {
  WatchedFile file();

  /**
   * It is sound.
   *
   * @param tensors in the order of their data, each name once
   * @param bytes of the file and of all other files that hold payloads of these tensors
   */
  record Tensors(WatchedFile file, List<TensorInfo> tensors, long bytes) implements Opened {}

  /** It cannot be used; the reason says what to do. */
  record Refused(WatchedFile file, String reason) implements Opened {}

  /** It is gone, or was written since it was listed: another listing will tell. */
  record Changed(WatchedFile file) implements Opened {}

  /** The storage failed. */
  record Failed(WatchedFile file, Exception failure) implements Opened {}
}
