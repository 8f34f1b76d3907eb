package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Totals;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * In what two results differ, timings aside. Blocks are the same if file, tensor and columns are;
 * files are compared by their URIs if the results have some in common, and otherwise by their paths
 * below the folder that all files of a result are in.
 *
 * @param settings those that differ
 * @param totals those that differ
 * @param kinds treatments of which there are other numbers
 * @param families rows of which there are other numbers
 * @param onlyInFirst tensors, as {@code file: tensor}
 * @param onlyInSecond tensors, as {@code file: tensor}
 * @param rejections tensors and files that only one of them rejected, or for another cause
 * @param cutOtherwise tensors of both that are in other blocks
 * @param compared blocks of both
 * @param originals blocks of both whose original numbers were others
 * @param counts how many of the blocks of both differ, in what
 * @param largest the blocks that differ most in their errors, the first ones first
 */
public record Comparison(
    List<Change> settings,
    List<Change> totals,
    List<GroupChange> kinds,
    List<GroupChange> families,
    List<String> onlyInFirst,
    List<String> onlyInSecond,
    List<String> rejections,
    long cutOtherwise,
    long compared,
    long originals,
    Counts counts,
    List<BlockChange> largest) {
  private static final int MOST_LISTED = 20;
  private static final int TIMING_DIGITS = 64;

  /** A value in both, as text. */
  public record Change(String name, String first, String second) {}

  /**
   * The blocks of a kind or family in both.
   *
   * @param firstNumbers of these blocks as they came
   * @param secondNumbers of these blocks as they came
   */
  public record GroupChange(
      String name, long firstBlocks, long secondBlocks, long firstNumbers, long secondNumbers) {}

  /**
   * How many blocks of both differ.
   *
   * @param kind in their treatment
   * @param cluster in the blocks that they are in one cluster with
   * @param rank in the rank of their cluster
   * @param error in their measured error
   * @param any in one of these
   */
  public record Counts(long kind, long cluster, long rank, long error, long any) {}

  /**
   * A block of both that differs.
   *
   * @param name of file, tensor and columns
   * @param firstRank of its cluster; 0 if it is in none
   * @param secondRank of its cluster; 0 if it is in none
   */
  public record BlockChange(
      String name,
      String firstKind,
      String secondKind,
      int firstRank,
      int secondRank,
      double firstError,
      double secondError) {
    double change() {
      return Math.abs(secondError - firstError);
    }
  }

  /** Compares two results. */
  public static Comparison of(Manifest first, Manifest second) {
    Function<String, String> firstFiles = Function.identity();
    Function<String, String> secondFiles = Function.identity();
    if (Collections.disjoint(sources(first), sources(second))) {
      firstFiles = new Sources(first)::name;
      secondFiles = new Sources(second)::name;
    }
    Side a = new Side(first, firstFiles);
    Side b = new Side(second, secondFiles);
    Set<String> inBoth = new LinkedHashSet<>(a.tensors);
    inBoth.retainAll(b.tensors);
    Set<String> cut = new HashSet<>();
    Map<List<String>, Boolean> together = new HashMap<>();
    List<BlockChange> changes = new ArrayList<>();
    long compared = 0;
    long originals = 0;
    long[] counts = new long[4];
    for (Map.Entry<String, BlockEntry> each : a.blocks.entrySet()) {
      BlockEntry one = each.getValue();
      BlockEntry other = b.blocks.get(each.getKey());
      if (other == null) {
        if (inBoth.contains(a.tensor(one))) {
          cut.add(a.tensor(one));
        }
        continue;
      }
      compared++;
      originals += one.sha256().equals(other.sha256()) ? 0 : 1;
      boolean kind = one.treatment() != other.treatment();
      boolean cluster =
          !together.computeIfAbsent(
              List.of(one.cluster().orElse(""), other.cluster().orElse("")),
              unused -> a.companions(one).equals(b.companions(other)));
      boolean rank = a.rank(one) != b.rank(other);
      boolean error =
          one.error() != other.error() || !one.weightedError().equals(other.weightedError());
      counts[0] += kind ? 1 : 0;
      counts[1] += cluster ? 1 : 0;
      counts[2] += rank ? 1 : 0;
      counts[3] += error ? 1 : 0;
      if (kind || cluster || rank || error) {
        changes.add(
            new BlockChange(
                each.getKey(),
                one.treatment().key(),
                other.treatment().key(),
                a.rank(one),
                b.rank(other),
                BlockErrors.limited(one),
                BlockErrors.limited(other)));
      }
    }
    for (Map.Entry<String, BlockEntry> each : b.blocks.entrySet()) {
      String tensor = b.tensor(each.getValue());
      if (!a.blocks.containsKey(each.getKey()) && inBoth.contains(tensor)) {
        cut.add(tensor);
      }
    }
    int any = changes.size();
    changes.sort(Comparator.comparingDouble(BlockChange::change).reversed());
    return new Comparison(
        changed(pairs(new Statement(first).settings()), pairs(new Statement(second).settings())),
        changed(totals(first), totals(second, first.totals())),
        groups(first, second, block -> block.treatment().key()),
        groups(first, second, Savings::family),
        without(a.tensors, inBoth),
        without(b.tensors, inBoth),
        rejections(a, b),
        cut.size(),
        compared,
        originals,
        new Counts(counts[0], counts[1], counts[2], counts[3], any),
        List.copyOf(changes.subList(0, Math.min(MOST_LISTED, any))));
  }

  /** Whether nothing differs but the time that the runs took. */
  public boolean isEqual() {
    return settings.isEmpty()
        && totals.isEmpty()
        && kinds.isEmpty()
        && families.isEmpty()
        && onlyInFirst.isEmpty()
        && onlyInSecond.isEmpty()
        && rejections.isEmpty()
        && cutOtherwise == 0
        && originals == 0
        && counts.any() == 0;
  }

  private static Set<String> sources(Manifest manifest) {
    Set<String> sources = new HashSet<>();
    manifest.blocks().forEach(block -> sources.add(block.source()));
    return sources;
  }

  private static List<String> without(Collection<String> all, Set<String> some) {
    return all.stream().filter(each -> !some.contains(each)).toList();
  }

  private static Map<String, String> pairs(List<List<String>> rows) {
    Map<String, String> pairs = new LinkedHashMap<>();
    rows.forEach(row -> pairs.put(row.get(0), row.get(1)));
    return pairs;
  }

  private static Map<String, String> totals(Manifest manifest) {
    return totals(manifest, manifest.totals());
  }

  /** The bytes count the timings in the manifest, so that a few more or less are no difference. */
  private static Map<String, String> totals(Manifest manifest, Totals first) {
    Totals totals = manifest.totals();
    boolean sameBytes = Math.abs(totals.bytesStored() - first.bytesStored()) <= TIMING_DIGITS;
    Map<String, String> values = new LinkedHashMap<>();
    values.put("blocks", Formats.count(totals.blocks()));
    values.put("compressed blocks", Formats.count(totals.compressedBlocks()));
    values.put("clusters", Formats.count(totals.clusters()));
    values.put("rejected", Formats.count(manifest.rejected().size()));
    values.put("numbers in", Formats.count(totals.numbersIn()));
    values.put("numbers stored", Formats.count(totals.numbersStored()));
    values.put("ratio of numbers", Formats.ratio(totals.compressionRatio()));
    values.put("bytes in", Formats.count(totals.bytesIn()));
    values.put("bytes stored", Formats.count((sameBytes ? first : totals).bytesStored()));
    values.put(
        "ratio of bytes",
        Formats.ratio(Totals.ratio(totals.bytesIn(), (sameBytes ? first : totals).bytesStored())));
    values.put("max error of a block", Formats.error(totals.maxBlockError()));
    values.put("max error of a cluster", Formats.error(totals.maxClusterError()));
    put(values, "max weighted error of a block", totals.maxWeightedBlockError());
    put(values, "max weighted error of a cluster", totals.maxWeightedClusterError());
    put(values, "joint error", totals.collectionError());
    put(values, "joint weighted error", totals.weightedCollectionError());
    return values;
  }

  private static void put(Map<String, String> values, String name, OptionalDouble error) {
    error.ifPresent(value -> values.put(name, Formats.error(value)));
  }

  private static List<Change> changed(Map<String, String> first, Map<String, String> second) {
    Set<String> names = new LinkedHashSet<>(first.keySet());
    names.addAll(second.keySet());
    List<Change> changes = new ArrayList<>();
    for (String name : names) {
      Change change =
          new Change(name, first.getOrDefault(name, "none"), second.getOrDefault(name, "none"));
      if (!change.first().equals(change.second())) {
        changes.add(change);
      }
    }
    return changes;
  }

  private static List<GroupChange> groups(
      Manifest first, Manifest second, Function<BlockEntry, String> group) {
    Map<String, long[]> sums = new TreeMap<>();
    add(sums, first, group, 0);
    add(sums, second, group, 1);
    List<GroupChange> changes = new ArrayList<>();
    sums.forEach(
        (name, sum) -> {
          if (sum[0] != sum[1] || sum[2] != sum[3]) {
            changes.add(new GroupChange(name, sum[0], sum[1], sum[2], sum[3]));
          }
        });
    return changes;
  }

  private static void add(
      Map<String, long[]> sums, Manifest manifest, Function<BlockEntry, String> group, int side) {
    for (BlockEntry block : manifest.blocks()) {
      long[] sum = sums.computeIfAbsent(group.apply(block), unused -> new long[4]);
      sum[side]++;
      sum[2 + side] += Savings.numbersIn(block);
    }
  }

  private static List<String> rejections(Side first, Side second) {
    Set<String> a = first.rejections();
    Set<String> b = second.rejections();
    List<String> changes = new ArrayList<>();
    a.stream().filter(each -> !b.contains(each)).forEach(each -> changes.add("first: " + each));
    b.stream().filter(each -> !a.contains(each)).forEach(each -> changes.add("second: " + each));
    return changes;
  }

  /** One of the two results. */
  private static final class Side {
    private final Manifest manifest;
    private final Function<String, String> files;
    private final Map<String, BlockEntry> blocks = new LinkedHashMap<>();
    private final Set<String> tensors = new LinkedHashSet<>();
    private final Map<String, ClusterEntry> clusters = new HashMap<>();
    private final Map<String, Set<String>> members = new HashMap<>();

    Side(Manifest manifest, Function<String, String> files) {
      this.manifest = manifest;
      this.files = files;
      manifest.clusters().forEach(cluster -> clusters.put(cluster.id(), cluster));
      for (BlockEntry block : manifest.blocks()) {
        String name =
            tensor(block)
                + block.part().map(part -> " [" + part.from() + ":" + part.to() + "]").orElse("");
        tensors.add(tensor(block));
        blocks.put(name, block);
        block
            .cluster()
            .ifPresent(id -> members.computeIfAbsent(id, unused -> new HashSet<>()).add(name));
      }
    }

    String tensor(BlockEntry block) {
      return files.apply(block.source()) + ": " + block.tensor();
    }

    int rank(BlockEntry block) {
      return block.cluster().map(clusters::get).map(ClusterEntry::rank).orElse(0);
    }

    Set<String> companions(BlockEntry block) {
      return block.cluster().map(members::get).orElse(Set.of());
    }

    Set<String> rejections() {
      Set<String> rejections = new LinkedHashSet<>();
      for (RejectedEntry each : manifest.rejected()) {
        rejections.add(
            files.apply(each.source())
                + (each.isWholeFile() ? "" : ": " + each.tensor())
                + " "
                + each.cause());
      }
      return rejections;
    }
  }
}
