package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.console.Formats;

/** Foreign text as the page shows it. */
final class Texts {
  private static final int MOST_CHARACTERS = 300;

  private Texts() {}

  /** On one line, of bounded length, without characters that would turn its direction. */
  static String shown(String text) {
    String printable = Formats.printable(text);
    if (printable.codePointCount(0, printable.length()) <= MOST_CHARACTERS) {
      return printable;
    }
    int half = MOST_CHARACTERS / 2;
    int length = printable.length();
    return printable.substring(0, printable.offsetByCodePoints(0, half))
        + "…"
        + printable.substring(printable.offsetByCodePoints(length, -half));
  }

  /** As text of an HTML element or attribute. */
  static String html(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
