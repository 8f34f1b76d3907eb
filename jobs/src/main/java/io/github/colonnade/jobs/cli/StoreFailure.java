package io.github.colonnade.jobs.cli;

import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line for the failure of an object store: a bucket that is not there, credentials that are
 * missing or wrong, an endpoint that does not answer.
 */
final class StoreFailure {
  private static final List<String> PACKAGES = List.of("org.apache.hadoop.fs.", "com.amazonaws.");
  private static final Pattern PLACE = Pattern.compile("[a-z0-9]+://[^\\s':]+");

  /** What Amazon's library adds for its support. */
  private static final Pattern DETAILS = Pattern.compile(" \\(Service: .*", Pattern.DOTALL);

  private StoreFailure() {}

  /** The line, if one of a failure and its causes, outermost first, comes from an object store. */
  static Optional<String> line(List<Throwable> causes) {
    List<Throwable> own = causes.stream().filter(StoreFailure::isOwn).toList();
    if (own.isEmpty()) {
      return Optional.empty();
    }
    String place =
        own.stream()
            .map(cause -> PLACE.matcher(String.valueOf(cause.getMessage())))
            .filter(Matcher::find)
            .findFirst()
            .map(Matcher::group)
            .orElse("the object store");
    String reason = String.valueOf(own.get(own.size() - 1).getMessage());
    return Optional.of(
        place
            + ": "
            + DETAILS.matcher(reason).replaceFirst("")
            + "; check the endpoint, the bucket and the credentials");
  }

  private static boolean isOwn(Throwable cause) {
    String name = cause.getClass().getName();
    // Of a local file it has a path and no URI.
    boolean denied =
        cause instanceof AccessDeniedException
            && PLACE.matcher(String.valueOf(cause.getMessage())).find();
    return denied || PACKAGES.stream().anyMatch(name::startsWith);
  }
}
