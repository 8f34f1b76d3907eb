package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.svd.auto.AllStrategies;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How blocks are to be compressed, beside the error limit. */
final class CompressionOptions {
  /** The names that {@code --strategy} takes; the first is the default. */
  static final List<String> STRATEGIES = AllStrategies.names();

  @Option(
      names = "--rank-limit",
      paramLabel = "R",
      description = "The largest rank of a basis. Default: no limit but the size of the blocks.")
  private @Nullable Integer rankLimit;

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      defaultValue = "block",
      description = {
        "What the error limit holds for: block (each block by itself), cluster (all blocks of"
            + " a cluster together) or collection (all blocks together). Default:"
            + " ${DEFAULT-VALUE}."
      })
  private Scope scope = Scope.BLOCK;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      completionCandidates = StrategyNames.class,
      description = {"How blocks are grouped: ${COMPLETION-CANDIDATES}. Default: auto."})
  private @Nullable String strategy;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = {
        "Into how many partitions, runs of neighbours, each family of blocks is divided. They are"
            + " partitioned apart and their clusters merged. Default: one for each 4,096 blocks."
      })
  private @Nullable Integer partitions;

  @Option(
      names = "--precision",
      paramLabel = "PRECISION",
      defaultValue = "float32",
      description = {
        "The precision of matrix products: float32 or float64. Energies and errors are float64"
            + " in any case. Default: ${DEFAULT-VALUE}."
      })
  private Precision precision = Precision.FLOAT32;

  @Option(
      names = "--store-dtype",
      paramLabel = "DTYPE",
      defaultValue = "source",
      description = {
        "The number format of stored factors: f64, f32, f16, bf16 or source (as the source)."
            + " Default: ${DEFAULT-VALUE}."
      })
  private StoreDtype storeDtype = StoreDtype.SOURCE;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = {
        "Safetensors with second moments of the inputs, named as the tensors of the model: a"
            + " vector is the diagonal, a square matrix the whole. The error limit then is on the"
            + " weighted error of these tensors."
      })
  private @Nullable String weights;

  OptionalInt rankLimit() {
    return rankLimit == null ? OptionalInt.empty() : OptionalInt.of(rankLimit);
  }

  Optional<String> weights() {
    return Optional.ofNullable(weights);
  }

  Scope scope() {
    return scope;
  }

  String strategy() {
    return strategy == null ? STRATEGIES.get(0) : strategy;
  }

  Precision precision() {
    return precision;
  }

  StoreDtype storeDtype() {
    return storeDtype;
  }

  /** Into how many partitions families are divided, or 0 for as many as their size asks for. */
  int partitions() {
    if (partitions != null) {
      return partitions;
    }
    return strategy().equals(STRATEGIES.get(0)) && scope != Scope.COLLECTION ? 0 : 1;
  }

  /** The number of {@code --partitions}, or 0 if it was not given. */
  int askedPartitions() {
    return partitions == null ? 0 : partitions;
  }

  void check() {
    InputOptions.atLeastOne("--rank-limit", rankLimit());
    if (strategy != null && !STRATEGIES.contains(strategy)) {
      throw new UsageException(
          "--strategy: expected one of " + String.join(", ", STRATEGIES) + ", got " + strategy);
    }
    InputOptions.atLeastOne(
        "--partitions", partitions == null ? OptionalInt.empty() : OptionalInt.of(partitions));
    if (partitions() > 1 && !strategy().equals(STRATEGIES.get(0))) {
      throw onePartition("--strategy " + strategy + ", which is one pass over a whole family");
    }
    if (partitions() > 1 && scope == Scope.COLLECTION) {
      throw onePartition("--scope collection, which weighs all blocks of a family together");
    }
  }

  private UsageException onePartition(String with) {
    return new UsageException("--partitions: expected 1 with " + with + ", got " + partitions());
  }

  /** Refuses what has no meaning for a fixed rank. */
  void checkFixedRank() {
    if (partitions() > 1) {
      throw onePartition("--rank, which gives a whole family one basis");
    }
    if (rankLimit != null || strategy != null) {
      throw new UsageException(
          (rankLimit != null ? "--rank-limit" : "--strategy")
              + ": with --rank, all blocks of a family share one basis of that rank");
    }
  }

  /** The names for the help text. */
  static final class StrategyNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return STRATEGIES.iterator();
    }
  }
}
