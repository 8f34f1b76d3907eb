package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.source.WatchSettings;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.CompressSettings;
import java.util.ArrayList;
import java.util.List;

/**
 * The options of a stream that may not change while it is under way, a line for each. Times and
 * parallelism may change.
 */
final class StreamSettings {

  private StreamSettings() {}

  static String text(CompressSettings settings, WatchSettings watch) {
    List<String> lines = new ArrayList<>();
    settings.input().uris().forEach(each -> lines.add("INPUT " + each));
    lines.add("--max-error " + settings.maxError());
    lines.add("--scope " + settings.method().scope());
    lines.add("--strategy " + settings.method().strategy());
    lines.add("--rank-limit " + settings.method().rankLimit());
    lines.add("--precision " + settings.method().precision());
    lines.add("--store-dtype " + settings.method().storeDtype());
    lines.add("--rows " + settings.input().rows());
    lines.add("--columns " + settings.input().columns());
    lines.add("--transpose " + settings.input().transpose());
    settings.input().include().forEach(each -> lines.add("--include " + each));
    settings.input().exclude().forEach(each -> lines.add("--exclude " + each));
    lines.add("--batch " + watch.limits().blocks());
    return String.join("\n", lines) + "\n";
  }

  /**
   * Checks that a stream goes on as it was begun.
   *
   * @throws UsageException naming the first options that differ
   */
  static void mustAgree(String output, String begun, String asked) {
    if (begun.equals(asked)) {
      return;
    }
    List<String> before = new ArrayList<>(begun.lines().toList());
    List<String> now = new ArrayList<>(asked.lines().toList());
    List<String> same = before.stream().filter(now::contains).toList();
    before.removeAll(same);
    now.removeAll(same);
    throw new UsageException(
        output
            + ": this stream was begun with other options ("
            + first(before)
            + ", now "
            + first(now)
            + "); give the same ones, or another --output");
  }

  private static String first(List<String> lines) {
    return lines.isEmpty() ? "nothing more" : lines.get(0);
  }
}
