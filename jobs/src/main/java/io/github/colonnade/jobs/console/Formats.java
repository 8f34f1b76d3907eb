package io.github.colonnade.jobs.console;

import java.util.Locale;

/** How numbers and foreign text are shown, the same in every locale. */
public final class Formats {
  private static final String[] BINARY_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Formats() {}

  /** {@code 1,234,567}. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** {@code 512 B}, {@code 1.5 KiB}, {@code 86.2 MiB}. */
  public static String bytes(long value) {
    double scaled = value;
    int unit = 0;
    // 1023.95 would be shown as 1024.0.
    while (scaled >= (unit == 0 ? 1024 : 1023.95) && unit < BINARY_UNITS.length - 1) {
      scaled /= 1024;
      unit++;
    }
    return unit == 0
        ? value + " B"
        : String.format(Locale.ROOT, "%.1f %s", scaled, BINARY_UNITS[unit]);
  }

  /** {@code 3.42×}. */
  public static String ratio(double value) {
    return String.format(Locale.ROOT, "%.2f×", value);
  }

  /** An error, in four significant digits: {@code 0.09412}, {@code 3.142e-07}, {@code 0}. */
  public static String error(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.4g", value);
  }

  /** {@code 0.4 s}, {@code 59.9 s}, {@code 2:05}, {@code 1:02:05}. */
  public static String duration(double seconds) {
    if (seconds < 59.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    long whole = Math.round(seconds);
    long hours = whole / 3600;
    return hours == 0
        ? String.format(Locale.ROOT, "%d:%02d", whole / 60, whole % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", hours, whole / 60 % 60, whole % 60);
  }

  /** Foreign text on one line, without characters that would steer the terminal. */
  public static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              int type = Character.getType(c);
              boolean unfit =
                  type == Character.CONTROL
                      || type == Character.FORMAT
                      || type == Character.SURROGATE
                      || type == Character.LINE_SEPARATOR
                      || type == Character.PARAGRAPH_SEPARATOR;
              shown.appendCodePoint(unfit ? '?' : c);
            });
    return shown.toString();
  }
}
