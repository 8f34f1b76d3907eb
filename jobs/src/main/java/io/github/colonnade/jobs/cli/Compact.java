package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Addition;
import io.github.colonnade.jobs.compress.AdditionPlan;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.Segments;
import io.github.colonnade.jobs.stored.TensorKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.core.fs.Path;

/** Compresses the tensors of all segments of a collection as one. */
final class Compact implements Action<CompactCommand> {

  @Override
  public int run(CompactCommand command, Terminal terminal) throws Exception {
    long start = System.currentTimeMillis();
    String directory = Locations.absolute(command.directory());
    CompressedCollection collection = CompressedCollection.open(directory);
    Manifest before = collection.manifest();
    AdditionPlan.requireGrowing(command.directory(), before.settings());
    if (collection.isOpen()) {
      throw new UsageException(
          command.directory()
              + ": a stream adds to it; end that with the same command and --once, then compact");
    }
    Optional<Root> root = collection.root();
    if (root.isEmpty() || root.get().count() == 1) {
      terminal.out().println("  it is in one piece already; nothing was changed");
      return ExitCodes.OK;
    }
    Set<String> sources = new TreeSet<>();
    Set<TensorKey> stored = new HashSet<>();
    before
        .blocks()
        .forEach(
            each -> {
              sources.add(each.source());
              stored.add(new TensorKey(each.source(), each.tensor()));
            });
    for (RejectedEntry rejected : before.rejected()) {
      if (!rejected.isWholeFile()) {
        InputFiles.status(new Path(rejected.source()));
      }
    }
    List<String> uris = new ArrayList<>(sources);
    List<TensorInfo> listed = TensorLister.list(uris).tensors();
    Set<TensorKey> leftOut = new HashSet<>();
    List<TensorInfo> tensors = new ArrayList<>();
    for (TensorInfo each : listed) {
      TensorKey key = TensorKey.of(each);
      if (stored.contains(key)) {
        tensors.add(each);
      } else {
        leftOut.add(key);
      }
    }
    AdditionPlan plan = AdditionPlan.of(before, listed, uris, directory, start);
    RunPlan run = plan.settings().plan(tensors, Optional.empty(), Undecided.NOTHING);
    Partitions partitions =
        Partitions.of(
            listed,
            plan.settings().view(),
            plan.settings().method().partitions(),
            each -> !leftOut.contains(TensorKey.of(each)));
    Add.execute(
        collection,
        plan.settings(),
        run,
        partitions,
        name -> Addition.replacing(root.get(), name, leftOut),
        "compact",
        command.run(),
        terminal);
    Segments.open(directory).removeReplaced(before, root.get());
    Manifest after = CompressedCollection.open(directory).manifest();
    terminal
        .out()
        .println(
            "  "
                + Formats.count(after.totals().numbersIn())
                + " numbers, stored as "
                + Formats.count(before.totals().numbersStored())
                + " before and "
                + Formats.count(after.totals().numbersStored())
                + " now");
    return ExitCodes.OK;
  }
}
