package io.github.colonnade.jobs.console;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** A table in aligned plain text, two spaces between columns. */
public final class Table {
  private final List<String> headings = new ArrayList<>();
  private final List<Boolean> rightAligned = new ArrayList<>();
  private final List<List<String>> rows = new ArrayList<>();

  /** Adds a column of text. */
  public Table left(String heading) {
    headings.add(heading);
    rightAligned.add(false);
    return this;
  }

  /** Adds a column of numbers. */
  public Table right(String heading) {
    headings.add(heading);
    rightAligned.add(true);
    return this;
  }

  /** Adds a row, one cell for each column. */
  public Table row(String... cells) {
    if (cells.length != headings.size()) {
      throw new IllegalArgumentException(
          "row of " + cells.length + " cells in a table of " + headings.size() + " columns");
    }
    List<String> row = new ArrayList<>();
    for (String cell : cells) {
      row.add(Formats.printable(cell));
    }
    rows.add(row);
    return this;
  }

  /** Prints the headings and the rows, each line indented by two spaces. */
  public void print(PrintWriter out) {
    int[] widths = new int[headings.size()];
    widen(widths, headings);
    rows.forEach(row -> widen(widths, row));
    out.println(line(widths, headings));
    rows.forEach(row -> out.println(line(widths, row)));
  }

  private static void widen(int[] widths, List<String> cells) {
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], width(cells.get(i)));
    }
  }

  private String line(int[] widths, List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - width(cells.get(i)));
      line.append("  ");
      line.append(rightAligned.get(i) ? padding + cells.get(i) : cells.get(i) + padding);
    }
    return line.toString().stripTrailing();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
