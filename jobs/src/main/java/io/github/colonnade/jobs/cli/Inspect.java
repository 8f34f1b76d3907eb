package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.console.Table;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.CollectionReader;
import io.github.colonnade.jobs.manifest.LostEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestException;
import io.github.colonnade.jobs.manifest.ManifestVisitor;
import io.github.colonnade.jobs.manifest.PartitionsEntry;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.Timings;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.manifest.View;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import org.apache.flink.core.fs.FileSystem;

/** Prints what a manifest says. Of a long list only the entries to be shown are kept. */
final class Inspect implements Action<InspectCommand> {
  /** The clusters shown where nobody asked for more. */
  private static final int SHORT_LIST = 5;

  @Override
  public int run(InspectCommand options, Terminal terminal) throws IOException {
    print(options.directory(), options.top(), terminal);
    return ExitCodes.OK;
  }

  /** Prints the result of a run that has just ended. */
  static void print(String directory, Terminal terminal) throws IOException {
    print(directory, SHORT_LIST, terminal);
  }

  private static void print(String directory, int top, Terminal terminal) throws IOException {
    CollectionReader.Files files =
        Locations.isUri(directory)
            ? name -> Remote.open(directory, name)
            : name -> Files.newInputStream(Path.of(directory, name));
    try {
      CollectionReader.Read<Summary> read = CollectionReader.read(files, () -> new Summary(top));
      read.content().print(read.root(), terminal.out());
    } catch (NoSuchFileException | NotDirectoryException | FileNotFoundException e) {
      throw new UsageException(
          directory + ": there is no " + Manifest.FILE_NAME + " of a finished run", e);
    } catch (ManifestException e) {
      throw e;
    } catch (IOException | InvalidPathException e) {
      throw new UsageException(directory + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Apart, so that Flink is loaded only for a URI. */
  private static final class Remote {
    static InputStream open(String directory, String name) throws IOException {
      var path = new org.apache.flink.core.fs.Path(directory, name);
      return FileSystem.get(path.toUri()).open(path);
    }
  }

  /** What is shown. */
  private static final class Summary implements ManifestVisitor {
    private static final Comparator<ClusterEntry> FEWEST_BLOCKS_FIRST =
        Comparator.comparingLong(ClusterEntry::blocks)
            .thenComparing(ClusterEntry::id, Comparator.reverseOrder());

    private final int top;
    private final List<String> about = new ArrayList<>();
    private final List<String> timings = new ArrayList<>();
    private final Table totals = new Table().left("").right("in").right("stored").right("ratio");
    private final Map<Treatment, Group> groups = new EnumMap<>(Treatment.class);
    private final PriorityQueue<ClusterEntry> clusters = new PriorityQueue<>(FEWEST_BLOCKS_FIRST);
    private final List<RejectedEntry> rejected = new ArrayList<>();
    private double maxClusterError;
    private OptionalDouble collectionError = OptionalDouble.empty();
    private long clusterCount;
    private long rejectedCount;

    Summary(int top) {
      this.top = top;
    }

    @Override
    public void settings(Settings settings) {
      int inputs = settings.inputs().size();
      String more = inputs > 1 ? " and " + (inputs - 1) + " more" : "";
      about.add("input     " + (inputs == 0 ? "none" : settings.inputs().get(0)) + more);
      String whose =
          switch (settings.scope()) {
            case BLOCK -> "error of each block";
            case CLUSTER -> "error of each cluster";
            case COLLECTION -> "joint error of all blocks";
          };
      if (settings.rank().isPresent()) {
        about.add("limit     none, every cluster at rank " + settings.rank().getAsInt());
      } else {
        double limit = settings.maxError().orElseThrow();
        about.add("limit     " + whose + " at most " + Formats.error(limit));
      }
      settings.targetRatio().ifPresent(ratio -> about.add("target    ratio of at least " + ratio));
      settings
          .targetBytes()
          .ifPresent(bytes -> about.add("target    at most " + Formats.bytes(bytes)));
      about.add(
          String.format(
              "method    %s in %s, factors stored as %s",
              settings.strategy(), settings.precision(), settings.storeDtype()));
      settings.partitions().ifPresent(this::partitions);
      settings.lost().ifPresent(lost -> about.add("factors   " + about(lost)));
      settings
          .weights()
          .ifPresent(weights -> about.add("weights   " + weights.source() + ", for the limit"));
      about.add("written   by " + settings.tool());
    }

    private void partitions(PartitionsEntry partitions) {
      for (PartitionsEntry.Family family : partitions.families()) {
        about.add(
            "divided   "
                + Formats.count(family.rows())
                + " rows: "
                + Formats.count(family.partitions())
                + " partitions");
      }
    }

    private static String about(LostEntry lost) {
      String kept =
          lost.sparsity().isPresent()
              ? "low rank and " + Formats.error(lost.sparsity().getAsDouble()) + " of the columns"
              : "low rank and whole columns";
      if (lost.layer().isEmpty()) {
        return kept + ", each matrix by itself";
      }
      LostEntry.Layer layer = lost.layer().get();
      return String.format(
          "%s (%s) to train layers from, gamma %s, activation %s; errors are those of low rank alone",
          kept, layer.channels(), layer.gamma(), layer.activation());
    }

    @Override
    public void totals(Totals totals) {
      this.totals.row(
          "numbers",
          Formats.count(totals.numbersIn()),
          Formats.count(totals.numbersStored()),
          Formats.ratio(totals.compressionRatio()));
      this.totals.row(
          "bytes",
          Formats.bytes(totals.bytesIn()),
          Formats.bytes(totals.bytesStored()),
          Formats.ratio(totals.bytesRatio()));
      maxClusterError = totals.maxWeightedClusterError().orElse(totals.maxClusterError());
      collectionError =
          totals.weightedCollectionError().isPresent()
              ? totals.weightedCollectionError()
              : totals.collectionError();
    }

    @Override
    public void timings(Timings timings) {
      this.timings.add("list " + Formats.duration(timings.list()));
      this.timings.add("sketch " + Formats.duration(timings.sketch()));
      this.timings.add("partition " + Formats.duration(timings.partition()));
      this.timings.add("encode " + Formats.duration(timings.encode()));
      this.timings.add("total " + Formats.duration(timings.total()));
    }

    @Override
    public void cluster(ClusterEntry cluster) {
      clusterCount++;
      clusters.add(cluster);
      if (clusters.size() > top) {
        clusters.remove();
      }
    }

    @Override
    public void block(BlockEntry block) {
      groups.computeIfAbsent(block.treatment(), unused -> new Group()).add(block);
    }

    @Override
    public void rejected(RejectedEntry entry) {
      rejectedCount++;
      if (rejected.size() < top) {
        rejected.add(entry);
      }
    }

    void print(Optional<Root> root, PrintWriter out) {
      root.ifPresent(
          segments ->
              about.add(
                  "grows     in "
                      + Formats.count(segments.count())
                      + (segments.count() == 1 ? " segment, " : " segments, ")
                      + (segments.open() ? "open: more is to come" : "complete")));
      about.forEach(line -> out.println("  " + Formats.printable(line)));
      out.println("  time      " + String.join(", ", timings));
      out.println();
      totals.print(out);
      out.println();

      boolean weighted = groups.values().stream().anyMatch(group -> group.maxWeighted.isPresent());
      Table blocks = new Table().left("blocks").right("count").right("numbers").right("max error");
      if (weighted) {
        blocks.right("weighted");
      }
      groups.forEach(
          (treatment, group) -> {
            List<String> cells = new ArrayList<>();
            cells.add(treatment.key());
            cells.add(Formats.count(group.blocks));
            cells.add(Formats.count(group.numbers));
            cells.add(Formats.error(group.maxError));
            if (weighted) {
              OptionalDouble max = group.maxWeighted;
              cells.add(max.isPresent() ? Formats.error(max.getAsDouble()) : "");
            }
            blocks.row(cells.toArray(String[]::new));
          });
      blocks.print(out);
      collectionError.ifPresent(
          error -> out.println("  joint error of all blocks " + Formats.error(error)));
      if (clusterCount > 0) {
        out.println();
        printClusters(out);
      }
      if (rejectedCount > 0) {
        out.println();
        printRejected(out);
      }
    }

    private void printClusters(PrintWriter out) {
      List<ClusterEntry> largest = new ArrayList<>(clusters);
      largest.sort(FEWEST_BLOCKS_FIRST.reversed());
      Table table =
          new Table()
              .left("cluster")
              .right("blocks")
              .right("rows")
              .right("columns")
              .right("rank")
              .left("used by each")
              .right("error")
              .right("bound")
              .left("proved by");
      for (ClusterEntry cluster : largest) {
        table.row(
            cluster.id(),
            Formats.count(cluster.blocks()),
            Formats.count(cluster.rows()),
            Formats.count(cluster.columns()),
            Formats.count(cluster.rank()),
            cluster.mask().isPresent() ? "some" : "all",
            Formats.error(cluster.weightedError().orElse(cluster.error())),
            Formats.error(cluster.bound().upper()),
            cluster.bound().provedBy());
      }
      table.print(out);
      printRest(out, clusterCount, largest.size(), "clusters");
      out.println("  max error of a cluster " + Formats.error(maxClusterError));
    }

    private void printRejected(PrintWriter out) {
      Table table = new Table().left("rejected").left("source").left("reason");
      for (RejectedEntry entry : rejected) {
        table.row(entry.isWholeFile() ? "(file)" : entry.tensor(), entry.source(), entry.reason());
      }
      table.print(out);
      printRest(out, rejectedCount, rejected.size(), "rejected tensors");
    }

    private static void printRest(PrintWriter out, long all, int shown, String what) {
      if (all > shown) {
        out.println("  " + Formats.count(all - shown) + " more " + what + ", see them with --all");
      }
    }
  }

  /** The blocks of one treatment. */
  private static final class Group {
    private long blocks;
    private long numbers;
    private double maxError;
    private OptionalDouble maxWeighted = OptionalDouble.empty();

    void add(BlockEntry block) {
      blocks++;
      numbers += block.view().map(Group::numbers).orElseGet(() -> numbers(block.shape()));
      maxError = Math.max(maxError, block.error());
      if (block.weightedError().isPresent()) {
        double error = block.weightedError().getAsDouble();
        maxWeighted = OptionalDouble.of(Math.max(maxWeighted.orElse(0), error));
      }
    }

    private static long numbers(View view) {
      return view.rows() * view.columns();
    }

    private static long numbers(List<Long> shape) {
      return shape.stream().mapToLong(size -> size).reduce(1, (a, b) -> a * b);
    }
  }
}
