package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which of some options were given. */
final class GivenOptions {

  private final List<String> names = new ArrayList<>();

  /**
   * Notes an option.
   *
   * @param value null if it was not given
   */
  GivenOptions add(String name, @Nullable Object value) {
    if (value != null) {
      names.add(name);
    }
    return this;
  }

  boolean isEmpty() {
    return names.isEmpty();
  }

  Optional<String> first() {
    return names.stream().findFirst();
  }

  /** Refuses more than one. */
  void checkAtMostOne() {
    if (names.size() > 1) {
      throw new UsageException(
          "expected one of " + String.join(" and ", names) + ", got all of them");
    }
  }
}
