package io.github.colonnade.connectors.view;

import java.io.Serializable;

/**
 * A name pattern: {@code *} stands for any characters, dots and slashes included, {@code ?} for any
 * one, everything else for itself. The whole name must match.
 *
 * @param pattern the pattern's text
 */
public record Glob(String pattern) implements Serializable {

  /** Whether {@code name} matches. Takes time at most proportional to both lengths' product. */
  public boolean matches(String name) {
    int p = 0;
    int n = 0;
    int star = -1;
    int retry = 0;
    while (n < name.length()) {
      // The star first: a name may hold a literal one.
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        retry = n;
      } else if (p < pattern.length()
          && (pattern.charAt(p) == '?' || pattern.charAt(p) == name.charAt(n))) {
        p++;
        n++;
      } else if (star >= 0) {
        p = star + 1;
        n = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }
}
