package io.github.colonnade.jobs.compress;

import java.util.Set;

/** Names that are made up must not meet literal names of the input. */
final class FreeNames {

  private FreeNames() {}

  /**
   * Takes {@code name} if it is free, else the first free one of {@code name#n}, {@code name#n#2},
   * {@code name#n#3} and so on, n being the ordinal: few tries, however many names are equal.
   *
   * @param taken receives the name that is returned
   */
  static String take(Set<String> taken, String name, long ordinal) {
    if (taken.add(name)) {
      return name;
    }
    String numbered = name + "#" + ordinal;
    String free = numbered;
    for (int i = 2; !taken.add(free); i++) {
      free = numbered + "#" + i;
    }
    return free;
  }
}
