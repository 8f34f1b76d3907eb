package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.LostEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.PartitionsEntry;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.Timings;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.manifest.Treatment;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** What a manifest says, in words and figures as the command line shows them. */
final class Statement {
  private final Manifest manifest;
  private final Settings settings;
  private final Totals totals;

  Statement(Manifest manifest) {
    this.manifest = manifest;
    this.settings = manifest.settings();
    this.totals = manifest.totals();
  }

  /** The promise of the run, as {@code error of each block at most 0.05000}. */
  String limit() {
    if (settings.rank().isPresent()) {
      return "no limit, every cluster at rank " + Formats.count(settings.rank().getAsInt());
    }
    String weighted = settings.weights().isPresent() ? "weighted error" : "error";
    String whose =
        switch (settings.scope()) {
          case BLOCK -> weighted + " of each block";
          case CLUSTER -> weighted + " of each cluster";
          case COLLECTION -> "joint " + weighted + " of all blocks";
        };
    return whose + " at most " + Formats.error(settings.maxError().orElseThrow());
  }

  /** The largest error on which the limit is. */
  double achieved() {
    return switch (settings.scope()) {
      case BLOCK -> totals.maxWeightedBlockError().orElse(totals.maxBlockError());
      case CLUSTER -> totals.maxWeightedClusterError().orElse(totals.maxClusterError());
      case COLLECTION -> {
        OptionalDouble joint = totals.weightedCollectionError();
        yield joint.isPresent() ? joint.getAsDouble() : totals.collectionError().orElse(0);
      }
    };
  }

  /** Label, value and detail of the most important figures. */
  List<List<String>> tiles() {
    String largest =
        switch (settings.scope()) {
          case BLOCK -> "Largest error of a block";
          case CLUSTER -> "Largest error of a cluster";
          case COLLECTION -> "Joint error of all blocks";
        };
    String limit =
        settings.rank().isPresent()
            ? "no limit was asked for"
            : "limit " + Formats.error(settings.maxError().orElseThrow());
    Timings timings = manifest.timings();
    return List.of(
        List.of(
            "Fewer numbers",
            Formats.ratio(totals.compressionRatio()),
            Formats.count(totals.numbersIn())
                + " in, "
                + Formats.count(totals.numbersStored())
                + " stored"),
        List.of(
            "Fewer bytes",
            Formats.ratio(totals.bytesRatio()),
            Formats.bytes(totals.bytesIn())
                + " in, "
                + Formats.bytes(totals.bytesStored())
                + " stored"),
        List.of(largest, Formats.error(achieved()), limit),
        List.of(
            "Blocks",
            Formats.count(totals.blocks()),
            Formats.count(totals.compressedBlocks())
                + " compressed in "
                + Formats.count(totals.clusters())
                + (totals.clusters() == 1 ? " cluster" : " clusters")),
        List.of(
            "Rejected",
            Formats.count(manifest.rejected().size()),
            manifest.rejected().isEmpty()
                ? "every tensor is in the output"
                : "tensors or files that are not in the output"),
        List.of(
            "Time",
            Formats.duration(timings.total()),
            "of which encode " + Formats.duration(timings.encode())));
  }

  /** Name and value of every setting that was made. */
  List<List<String>> settings() {
    List<List<String>> pairs = new ArrayList<>();
    pairs.add(List.of("Limit", limit()));
    pairs.add(List.of("Inputs", texts(settings.inputs())));
    settings.targetRatio().ifPresent(ratio -> pairs.add(List.of("Target ratio", "" + ratio)));
    settings
        .targetBytes()
        .ifPresent(bytes -> pairs.add(List.of("Target size", Formats.count(bytes) + " bytes")));
    pairs.add(List.of("Scope", settings.scope().toString()));
    pairs.add(List.of("Strategy", Texts.shown(settings.strategy())));
    pairs.add(List.of("Precision of products", settings.precision().toString()));
    pairs.add(List.of("Factors stored as", settings.storeDtype().toString()));
    settings
        .rankLimit()
        .ifPresent(rank -> pairs.add(List.of("Largest rank allowed", Formats.count(rank))));
    settings
        .rows()
        .ifPresent(rows -> pairs.add(List.of("Tensors read as rows of", Formats.count(rows))));
    settings
        .columns()
        .ifPresent(columns -> pairs.add(List.of("Columns of a block", Formats.count(columns))));
    pairs.add(List.of("Transposed", settings.transpose().toString()));
    if (!settings.include().isEmpty()) {
      pairs.add(List.of("Included", texts(settings.include())));
    }
    if (!settings.exclude().isEmpty()) {
      pairs.add(List.of("Excluded", texts(settings.exclude())));
    }
    if (settings.strict()) {
      pairs.add(List.of("Strict", "a tensor that is not finite ends the run"));
    }
    settings
        .weights()
        .ifPresent(
            weights ->
                pairs.add(
                    List.of("Weights", Texts.shown(weights.source()) + ", on which the limit is")));
    settings.partitions().ifPresent(divided -> pairs.add(List.of("Divided", about(divided))));
    settings.lost().ifPresent(lost -> pairs.add(List.of("Factors", about(lost))));
    pairs.add(List.of("Written by", Texts.shown(settings.tool())));
    return pairs;
  }

  private static String about(PartitionsEntry partitions) {
    return partitions.families().stream()
        .map(
            family ->
                Formats.count(family.rows())
                    + " rows: "
                    + Formats.count(family.partitions())
                    + " partitions")
        .collect(Collectors.joining("; "));
  }

  private static String about(LostEntry lost) {
    return lost.layer()
        .map(
            layer ->
                "to train layers from, gamma "
                    + layer.gamma()
                    + ", activation "
                    + layer.activation()
                    + ", channels "
                    + layer.channels())
        .orElse("low rank and whole columns, each matrix by itself");
  }

  private static String texts(List<String> texts) {
    int most = 20;
    String first = texts.stream().limit(most).map(Texts::shown).collect(Collectors.joining(", "));
    int more = texts.size() - most;
    return texts.isEmpty() ? "none" : more > 0 ? first + " and " + more + " more" : first;
  }

  /** Name and duration of every step. */
  List<List<String>> timings() {
    Timings timings = manifest.timings();
    return List.of(
        List.of("List", Formats.duration(timings.list())),
        List.of("Sketch", Formats.duration(timings.sketch())),
        List.of("Partition", Formats.duration(timings.partition())),
        List.of("Encode", Formats.duration(timings.encode())),
        List.of("Total", Formats.duration(timings.total())));
  }

  /** What the plot of errors shows. */
  String aboutErrors() {
    if (!settings.isApproximation()) {
      return "These factors are the start of a layer to be trained, no approximation: an error is"
          + " that of the low-rank part alone.";
    }
    String shown =
        settings.weights().isPresent()
            ? "Blocks with a weight are shown with their weighted error. "
            : "";
    if (settings.rank().isPresent()) {
      return shown + "A rank was asked for, so that there is no limit.";
    }
    return shown
        + switch (settings.scope()) {
          case BLOCK ->
              "No block may be above the limit. Blocks that are raw or pass through have no error"
                  + " and are not shown.";
          case CLUSTER ->
              "The limit is on the blocks of a cluster together: a block that is small beside the"
                  + " others may be above it.";
          case COLLECTION ->
              "The limit is on all blocks together: a block that is small beside the others may be"
                  + " above it.";
        };
  }

  /** What the plot of bounds shows. */
  String aboutBounds() {
    String lost =
        manifest.blocks().stream().anyMatch(block -> block.treatment() == Treatment.LOST)
            ? " Blocks with columns that are kept as they are have no bound that compares."
            : "";
    return switch (settings.scope()) {
          case BLOCK ->
              "When a cluster was formed, its upper bound proved that the best approximation of its"
                  + " rank is at most so far away. It speaks of members scaled to unit energy, and so"
                  + " the measured error is the root of the mean square of the members' errors.";
          case CLUSTER, COLLECTION ->
              "When a cluster was formed, its upper bound proved that the best approximation of its"
                  + " rank is at most so far away. The measured error is that of all members"
                  + " together.";
        }
        + " Far above the diagonal a bound is loose. Below it, less was stored than the best"
        + " approximation takes, as coefficients that the limit can do without."
        + lost;
  }

  /** What the band of the trade-off is about beside the rank. */
  String besideRank() {
    boolean whole =
        settings.isApproximation()
            && manifest.blocks().stream().anyMatch(each -> each.treatment() == Treatment.LOST);
    return whole ? " beside the columns that are kept as they are" : "";
  }
}
