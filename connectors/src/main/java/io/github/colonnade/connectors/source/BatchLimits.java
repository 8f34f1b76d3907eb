package io.github.colonnade.connectors.source;

import java.io.Serializable;
import java.time.Duration;

/**
 * When a batch is complete.
 *
 * @param blocks at most so many in a batch, unless one tensor has more; a tensor that passes
 *     through counts as one
 * @param bytes of payload at most in a batch, unless one tensor has more
 * @param idle a batch that got no tensor for so long is complete; looked at after each listing, if
 *     no file waits to be read. Means nothing to a run that ends
 * @param openBytes of payload at most in all batches that are not complete
 */
public record BatchLimits(int blocks, long bytes, Duration idle, long openBytes)
    implements Serializable {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public BatchLimits {
    requirePositive("blocks", blocks);
    requirePositive("bytes", bytes);
    requirePositive("open bytes", openBytes);
    if (idle.isNegative() || idle.isZero()) {
      throw new IllegalArgumentException("idle must be longer than nothing, not " + idle);
    }
  }

  private static void requirePositive(String what, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1, not " + value);
    }
  }
}
