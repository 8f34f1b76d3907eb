package io.github.colonnade.connectors.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Stands for a path: the first 128 bits of its SHA-256, so that any two of 10⁹ paths are equal with
 * a probability below 2⁻⁶⁸.
 */
record FileKey(long high, long low) {

  static FileKey of(String path) {
    ByteBuffer digest = ByteBuffer.wrap(sha256().digest(path.getBytes(StandardCharsets.UTF_8)));
    return new FileKey(digest.getLong(), digest.getLong());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
