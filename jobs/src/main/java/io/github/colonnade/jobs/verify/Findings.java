package io.github.colonnade.jobs.verify;

import java.util.ArrayList;
import java.util.List;

/** What was found to be wrong: the first lines, and how many there are. */
final class Findings {
  /** The lines that are kept. */
  static final int SHOWN = 20;

  /** A line is cut here: names of tensors may be long. */
  private static final int LONGEST_LINE = 1000;

  private final List<String> lines = new ArrayList<>();
  private long count;

  void add(String line) {
    count++;
    if (lines.size() < SHOWN) {
      lines.add(line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line);
    }
  }

  /** Adds what was found elsewhere, where {@code lines} are the first of {@code count}. */
  void addAll(List<String> lines, long count) {
    lines.forEach(this::add);
    this.count += count - lines.size();
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  long count() {
    return count;
  }
}
