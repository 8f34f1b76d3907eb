package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.Addition;
import io.github.colonnade.jobs.compress.AdditionPlan;
import io.github.colonnade.jobs.compress.CompressJob;
import io.github.colonnade.jobs.compress.CompressProgress;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.flink.Cluster;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.IncompleteDirectory;
import io.github.colonnade.jobs.stored.Segments;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Runs the compress job for what is new in the inputs, and makes it a segment of a collection. */
final class Add implements Action<AddCommand> {

  @Override
  public int run(AddCommand command, Terminal terminal) throws Exception {
    long start = System.currentTimeMillis();
    String directory = Locations.absolute(command.directory());
    command.report().check(directory);
    List<String> uris = new ArrayList<>();
    for (String each : command.inputs()) {
      uris.add(Locations.absolute(each));
    }
    CompressedCollection collection = CompressedCollection.open(directory);
    Manifest before = collection.manifest();
    AdditionPlan.requireGrowing(command.directory(), before.settings());
    if (collection.isOpen()) {
      throw new UsageException(
          command.directory()
              + ": a stream adds to it, or was ended before it was complete; let that finish");
    }
    requireApart(command.directory(), collection.directory(), uris);
    List<TensorInfo> tensors = TensorLister.list(uris).tensors();
    AdditionPlan plan = AdditionPlan.of(before, tensors, uris, directory, start);
    List<TensorInfo> fresh = tensors.stream().filter(each -> !plan.has(each)).toList();
    if (fresh.isEmpty()) {
      terminal
          .out()
          .println(
              "  all "
                  + Formats.count(tensors.size())
                  + " tensors are in "
                  + command.directory()
                  + " already; nothing was changed");
      return ExitCodes.OK;
    }
    RunPlan run = plan.settings().plan(fresh, Optional.empty(), Undecided.NOTHING);
    Partitions partitions =
        Partitions.of(
            tensors,
            plan.settings().view(),
            plan.settings().method().partitions(),
            each -> !plan.has(each));
    execute(
        collection,
        plan.settings(),
        run,
        partitions,
        name -> Addition.of(collection.root(), name, plan, before),
        "add",
        command.run(),
        terminal);
    Manifest after = CompressedCollection.open(directory).manifest();
    report(before, after, plan.known().size(), terminal);
    command.report().finish(command.directory(), terminal);
    return ExitCodes.OK;
  }

  /**
   * Runs the compress job in a directory of a collection.
   *
   * @param settings without a place for files
   * @param addition from the directory's name
   */
  static void execute(
      CompressedCollection collection,
      CompressSettings settings,
      RunPlan run,
      Partitions partitions,
      Function<String, Addition> addition,
      String command,
      TargetOptions options,
      Terminal terminal)
      throws Exception {
    String name = freeName(collection.directory(), next(collection));
    String output = settings.place().output();
    Path data = new Path(collection.directory(), name);
    Cluster cluster = options.target().waitedFor(command).bounded();
    try (IncompleteDirectory staging =
            IncompleteDirectory.create(
                    data.toString(), () -> Segments.open(output).names(name + "/"))
                .leftWhile(cluster::mayStillRun);
        cluster) {
      StreamExecutionEnvironment env = cluster.environment();
      CompressJob.buildAddition(
          env,
          settings
              .withPayloadLimit(options.payloadLimit())
              .withPlace(new Place(output, staging.path().toString(), staging.marker().toString())),
          partitions,
          addition.apply(name));
      cluster.run(
          env,
          "colonnade",
          new CompressProgress(run, partitions),
          terminal.err(),
          terminal.interactive());
      staging.completed();
    }
  }

  private static long next(CompressedCollection collection) {
    return collection.root().map(Root::count).orElse(1L) + 1;
  }

  /** A directory of the collection that is not there, as runs that failed may have left some. */
  private static String freeName(Path directory, long segment) throws IOException {
    FileSystem fileSystem = directory.getFileSystem();
    String plain = String.format(Locale.ROOT, "%s/%06d", Segments.DATA, segment);
    String name = plain;
    for (int i = 2; fileSystem.exists(new Path(directory, name)); i++) {
      name = plain + "-" + i;
    }
    return name;
  }

  /** Checks that the files of the collection are none of the inputs. */
  private static void requireApart(String shown, Path directory, List<String> uris)
      throws IOException {
    for (String uri : uris) {
      Path input = InputFiles.qualify(uri);
      if (isWithin(directory, input) || isWithin(input, directory)) {
        throw new UsageException(
            uri
                + ": it lies inside "
                + shown
                + ", or that in it; give inputs beside the collection");
      }
    }
  }

  private static boolean isWithin(Path path, Path directory) {
    for (Path above = path; above != null; above = above.getParent()) {
      if (above.equals(directory)) {
        return true;
      }
    }
    return false;
  }

  private static void report(Manifest before, Manifest after, int known, Terminal terminal) {
    List<BlockEntry> blocks = after.blocks().subList(before.blocks().size(), after.blocks().size());
    List<ClusterEntry> clusters =
        after.clusters().subList(before.clusters().size(), after.clusters().size());
    Set<Object> bases = new HashSet<>();
    before.clusters().forEach(each -> each.basis().ifPresent(bases::add));
    Set<String> joined = new HashSet<>();
    for (ClusterEntry cluster : clusters) {
      if (cluster.basis().isPresent() && bases.contains(cluster.basis().get())) {
        joined.add(cluster.id());
      }
    }
    long onBases =
        blocks.stream().filter(each -> each.cluster().filter(joined::contains).isPresent()).count();
    long shared =
        blocks.stream()
            .filter(each -> each.treatment() == Treatment.SHARED)
            .filter(each -> !joined.contains(each.cluster().orElseThrow()))
            .count();
    long tensors =
        blocks.stream().map(each -> each.source() + "\n" + each.tensor()).distinct().count();
    terminal
        .out()
        .println(
            "  "
                + Formats.count(tensors)
                + " tensors added in "
                + Formats.count(blocks.size())
                + " blocks: "
                + Formats.count(onBases)
                + " on bases that were there, "
                + Formats.count(shared)
                + " in new clusters, "
                + Formats.count(blocks.size() - onBases - shared)
                + " by themselves or as they were");
    long numbersIn = after.totals().numbersIn() - before.totals().numbersIn();
    long stored = after.totals().numbersStored() - before.totals().numbersStored();
    terminal
        .out()
        .println(
            "  "
                + Formats.count(numbersIn)
                + " numbers in, "
                + Formats.count(stored)
                + " stored for them; of the whole collection "
                + Formats.count(after.totals().numbersIn())
                + " and "
                + Formats.count(after.totals().numbersStored()));
    long rejected = after.rejected().size() - (long) before.rejected().size();
    if (rejected > 0) {
      terminal
          .out()
          .println("  " + Formats.count(rejected) + " tensors were rejected; see inspect");
    }
    if (known > 0) {
      terminal.out().println("  " + Formats.count(known) + " tensors were there already");
    }
  }
}
