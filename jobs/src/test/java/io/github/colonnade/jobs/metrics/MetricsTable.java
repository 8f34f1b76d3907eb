package io.github.colonnade.jobs.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The table of {@code docs/metrics.md}.
 *
 * @param rows in their order
 */
public record MetricsTable(List<Row> rows) {

  /** The file, from the directory of the module. */
  private static final Path FILE = Path.of("../docs/metrics.md");

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /**
   * A meter.
   *
   * @param tags their keys
   * @param operators with their notes, as {@code plan} or {@code encode (stream)}
   * @param exported with T or J and a blank before each name
   */
  public record Row(
      String id, String kind, List<String> tags, List<String> operators, List<String> exported) {}

  /** Reads it. */
  public static MetricsTable read() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(FILE)) {
      if (line.startsWith("| `colonnade.")) {
        List<String> cells = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
        rows.add(
            new Row(
                code(cells.get(1)).get(0),
                cells.get(2),
                code(cells.get(3)),
                List.of(cells.get(4).split(", ", -1)),
                code(cells.get(5))));
      }
    }
    return new MetricsTable(rows);
  }

  private static List<String> code(String cell) {
    List<String> found = new ArrayList<>();
    Matcher matcher = CODE.matcher(cell);
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}
