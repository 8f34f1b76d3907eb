package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.io.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Stands for a path: the first 128 bits of its SHA-256, so that any two of 10⁹ paths are equal with
 * a probability below 2⁻⁶⁸.
 */
record FileKey(long high, long low) {

  static FileKey of(String path) {
    ByteBuffer digest =
        ByteBuffer.wrap(Sha256.digest().digest(path.getBytes(StandardCharsets.UTF_8)));
    return new FileKey(digest.getLong(), digest.getLong());
  }
}
