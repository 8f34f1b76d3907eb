package io.github.colonnade.jobs.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts a report into one HTML file that needs nothing else. Its policy lets the browser run only
 * the program's own script, and load nothing.
 */
final class Page {
  /** What the file of a report has near its beginning. */
  static final String MARK = "<meta name=\"generator\" content=\"colonnade report\">";

  private static final Pattern HOLE = Pattern.compile("\\{\\{([a-z-]+)\\}\\}");

  private Page() {}

  static String of(Content report) {
    String script = resource("report.js");
    Statement statement = new Statement(report.manifest());
    Map<String, String> parts =
        Map.of(
            "title", Texts.html(Texts.shown(report.name())),
            "subtitle", Texts.html(statement.limit() + report.state()),
            "errors", Texts.html(statement.aboutErrors()),
            "bounds", Texts.html(statement.aboutBounds()),
            "lost", Texts.html(statement.besideRank()),
            "style", resource("report-style.css"),
            "script", script,
            "script-hash", sha256(script),
            "data", PageData.of(report));
    Matcher holes = HOLE.matcher(resource("page.html"));
    StringBuilder page = new StringBuilder();
    while (holes.find()) {
      String part = parts.get(holes.group(1));
      if (part == null) {
        throw new IllegalStateException("page.html: unknown part " + holes.group());
      }
      holes.appendReplacement(page, Matcher.quoteReplacement(part));
    }
    return holes.appendTail(page).toString();
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name + " is not in the program");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
