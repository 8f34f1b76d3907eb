package io.github.colonnade.jobs.reconstruct;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Names that somebody may have meant. */
final class CloseNames {
  private static final int MOST = 3;

  /** Shorter names are part of too many others. */
  private static final int LEAST_PART = 3;

  private CloseNames() {}

  /**
   * The closest of {@code known}, at most three: those that contain the name, or that it contains,
   * or that differ from it in at most a third of its characters, or two.
   */
  static List<String> to(String name, Collection<String> known) {
    record Close(String name, int distance) {}
    List<Close> close = new ArrayList<>();
    String lower = name.toLowerCase(Locale.ROOT);
    int most = Math.max(2, name.length() / 3);
    for (String candidate : known) {
      String other = candidate.toLowerCase(Locale.ROOT);
      boolean partOf =
          Math.min(lower.length(), other.length()) >= LEAST_PART
              && (other.contains(lower) || lower.contains(other));
      if (partOf || Math.abs(other.length() - lower.length()) <= most) {
        int distance = distance(lower, other);
        if (partOf || distance <= most) {
          close.add(new Close(candidate, distance));
        }
      }
    }
    close.sort(Comparator.comparingInt(Close::distance).thenComparing(Close::name));
    return close.stream().limit(MOST).map(Close::name).toList();
  }

  /** The characters to insert, delete or replace to get from one text to the other. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
