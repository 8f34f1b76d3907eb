package io.github.colonnade.jobs.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.console.Table;
import io.github.colonnade.jobs.report.Comparison;
import io.github.colonnade.jobs.report.Comparison.BlockChange;
import io.github.colonnade.jobs.report.Comparison.Change;
import io.github.colonnade.jobs.report.Comparison.GroupChange;
import io.github.colonnade.jobs.stored.CompressedCollection;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;

/** Says in what two results differ. */
final class Diff implements Action<DiffCommand> {
  private static final int MOST_LISTED = 20;

  @Override
  public int run(DiffCommand command, Terminal terminal) throws IOException {
    Comparison comparison = Comparison.of(manifest(command.first()), manifest(command.second()));
    PrintWriter out = terminal.out();
    if (command.json()) {
      out.println(
          new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(comparison));
    } else if (comparison.isEqual()) {
      out.println("  equal: " + Formats.count(comparison.compared()) + " blocks");
    } else {
      print(comparison, out);
    }
    return comparison.isEqual() ? ExitCodes.OK : ExitCodes.DIFFERENT;
  }

  private static io.github.colonnade.jobs.manifest.Manifest manifest(String directory)
      throws IOException {
    return CompressedCollection.open(Locations.absolute(directory)).manifest();
  }

  private static void print(Comparison comparison, PrintWriter out) {
    changes("settings", comparison.settings(), out);
    changes("totals", comparison.totals(), out);
    groups("kind", comparison.kinds(), out);
    groups("family", comparison.families(), out);
    names("tensors only in the first", comparison.onlyInFirst(), out);
    names("tensors only in the second", comparison.onlyInSecond(), out);
    names("rejected by one only", comparison.rejections(), out);
    if (comparison.cutOtherwise() > 0) {
      out.println("  " + Formats.count(comparison.cutOtherwise()) + " tensors are cut otherwise");
    }
    Comparison.Counts counts = comparison.counts();
    out.println(
        "  "
            + Formats.count(counts.any())
            + " of "
            + Formats.count(comparison.compared())
            + " blocks of both differ: "
            + Formats.count(counts.kind())
            + " in kind, "
            + Formats.count(counts.cluster())
            + " in the blocks that they share a basis with, "
            + Formats.count(counts.rank())
            + " in rank, "
            + Formats.count(counts.error())
            + " in error");
    if (comparison.originals() > 0) {
      out.println("  " + Formats.count(comparison.originals()) + " of them had other numbers");
    }
    blocks(comparison.largest(), out);
  }

  private static void changes(String heading, List<Change> changes, PrintWriter out) {
    if (changes.isEmpty()) {
      return;
    }
    Table table = new Table().left(heading).left("first").left("second");
    changes.forEach(each -> table.row(each.name(), each.first(), each.second()));
    table.print(out);
    out.println();
  }

  private static void groups(String heading, List<GroupChange> groups, PrintWriter out) {
    if (groups.isEmpty()) {
      return;
    }
    Table table =
        new Table()
            .left(heading)
            .right("blocks, first")
            .right("second")
            .right("numbers, first")
            .right("second");
    groups.stream()
        .limit(MOST_LISTED)
        .forEach(
            each ->
                table.row(
                    each.name(),
                    Formats.count(each.firstBlocks()),
                    Formats.count(each.secondBlocks()),
                    Formats.count(each.firstNumbers()),
                    Formats.count(each.secondNumbers())));
    table.print(out);
    printRest(groups.size(), out);
    out.println();
  }

  private static void names(String heading, List<String> names, PrintWriter out) {
    if (names.isEmpty()) {
      return;
    }
    Table table = new Table().left(Formats.count(names.size()) + " " + heading);
    names.stream().limit(MOST_LISTED).forEach(table::row);
    table.print(out);
    printRest(names.size(), out);
    out.println();
  }

  private static void printRest(int all, PrintWriter out) {
    if (all > MOST_LISTED) {
      out.println("  and " + Formats.count(all - MOST_LISTED) + " more, see them with --json");
    }
  }

  private static void blocks(List<BlockChange> blocks, PrintWriter out) {
    if (blocks.isEmpty()) {
      return;
    }
    out.println();
    Table table =
        new Table()
            .left("largest changes")
            .left("kind")
            .right("rank")
            .right("error, first")
            .right("second");
    for (BlockChange each : blocks) {
      table.row(
          each.name(),
          arrow(each.firstKind(), each.secondKind()),
          arrow(Formats.count(each.firstRank()), Formats.count(each.secondRank())),
          Formats.error(each.firstError()),
          Formats.error(each.secondError()));
    }
    table.print(out);
  }

  private static String arrow(String first, String second) {
    return first.equals(second) ? first : first + " → " + second;
  }
}
