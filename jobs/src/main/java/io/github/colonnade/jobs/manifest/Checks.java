package io.github.colonnade.jobs.manifest;

import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** What every record of the manifest checks about its values. */
final class Checks {
  /** The longest text in a manifest, so that a reader may limit what it accepts. */
  static final int MAX_TEXT_LENGTH = 65_536;

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  private Checks() {}

  static void text(String key, String value) {
    if (value.isEmpty()) {
      throw new IllegalArgumentException(key + ": expected a text, got an empty one");
    }
    length(key, value);
  }

  static void length(String key, String value) {
    if (value.length() > MAX_TEXT_LENGTH) {
      throw new IllegalArgumentException(
          key + ": expected at most " + MAX_TEXT_LENGTH + " characters, got " + value.length());
    }
  }

  static void atLeast(String key, long least, long value) {
    if (value < least) {
      throw new IllegalArgumentException(
          key + ": expected a whole number of at least " + least + ", got " + value);
    }
  }

  /** Refuses what is negative and what JSON cannot hold. */
  static void measure(String key, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          key + ": expected a finite number of at least 0, got " + value);
    }
  }

  static void measure(String key, OptionalDouble value) {
    value.ifPresent(each -> measure(key, each));
  }

  static void sha256(String key, String value) {
    if (!SHA256.matcher(value).matches()) {
      throw new IllegalArgumentException(
          key + ": expected 64 lower-case hexadecimal digits, got " + value);
    }
  }
}
