package io.github.colonnade.jobs.manifest;

import java.util.List;

/**
 * The columns of a block that are stored as they are.
 *
 * @param channels which columns of the block, ascending, counted from 0; at least one
 * @param columns where they are: rows × channels, in the number format of the original
 * @param bitmap where the channels are as a RoaringBitmap
 */
public record SparseEntry(List<Long> channels, TensorLocation columns, TensorLocation bitmap) {

  public SparseEntry {
    channels = List.copyOf(channels);
    if (channels.isEmpty()) {
      throw new IllegalArgumentException("channels: expected at least one");
    }
    long last = -1;
    for (int i = 0; i < channels.size(); i++) {
      if (channels.get(i) <= last) {
        throw new IllegalArgumentException(
            "channels[" + i + "]: expected ascending numbers of at least 0");
      }
      last = channels.get(i);
    }
    if (last > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "channels[" + (channels.size() - 1) + "]: expected a whole number below 2^31");
    }
  }

  /** The channels as an array. */
  public int[] numbers() {
    return channels.stream().mapToInt(Long::intValue).toArray();
  }
}
