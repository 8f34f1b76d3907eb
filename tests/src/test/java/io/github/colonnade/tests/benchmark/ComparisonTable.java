package io.github.colonnade.tests.benchmark;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;

/** Prints each row as soon as it is there, with one line of notes for each method below it. */
final class ComparisonTable {

  private static final int NAME_WIDTH = 16;
  private static final int CELL_WIDTH = 18;

  private final PrintWriter out;
  private final List<Method> methods;

  ComparisonTable(PrintWriter out, List<Method> methods) {
    this.out = out;
    this.methods = methods;
  }

  void printHeading() {
    out.println("ratio of stored numbers, CPU seconds / elapsed seconds of the partition");
    StringBuilder line = new StringBuilder(left("", NAME_WIDTH));
    methods.forEach(each -> line.append(right(each.name(), CELL_WIDTH)));
    out.println(line);
  }

  void print(Row row, DataSet data, List<Result> results) {
    StringBuilder line = new StringBuilder(left(row.name(), NAME_WIDTH));
    for (Result each : results) {
      line.append(
          right(
              String.format(
                  Locale.ROOT,
                  "%.3f %.1f/%.1f",
                  each.ratio(data),
                  each.cpuSeconds(),
                  each.wallSeconds()),
              CELL_WIDTH));
    }
    out.println(line);
    out.println("  " + data.size() + " blocks of " + data.rows() + "×" + data.columns(0));
    for (int i = 0; i < results.size(); i++) {
      Result each = results.get(i);
      out.println(
          "  "
              + left(methods.get(i).name(), NAME_WIDTH - 2)
              + each.broken()
              + " broken limits"
              + (each.note().isEmpty() ? "" : "; " + each.note()));
    }
  }

  private static String left(String text, int width) {
    return text + " ".repeat(Math.max(1, width - text.length()));
  }

  private static String right(String text, int width) {
    return " ".repeat(Math.max(1, width - text.length())) + text;
  }
}
