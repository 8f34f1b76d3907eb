package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.SparsePlan;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Encodes blocks on a basis that is stored already, so that their errors, measured on that basis as
 * it is stored and on their coefficients as they will be stored, meet the limit.
 *
 * <p>Each block keeps the rows that it needs, or its largest coefficients where that takes fewer
 * numbers; the basis costs nothing any more. In scope cluster the limit holds for the blocks that
 * are added here together. A block that cannot meet the limit so, or only for more numbers than by
 * itself, is given back.
 *
 * <p>Not safe for use by several threads.
 */
public final class GivenBasisEncoder {

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final ErrorLimit limit;

  public GivenBasisEncoder(LinearAlgebra la, EncoderSettings settings) {
    this.la = la;
    this.settings = settings;
    this.limit = ClusterEncoder.limitBeforeRounding(settings);
  }

  /**
   * What came of blocks.
   *
   * @param joined those that use the basis, if there are any; it has the rank of the stored basis
   *     and no bytes for it
   * @param others those that are to be encoded without it
   */
  public record Result(Optional<Encoding.LowRank> joined, List<Member> others) {}

  /**
   * Encodes blocks.
   *
   * @param rows m
   * @param basis in the storage format of the settings
   */
  public Result encode(int rows, List<Member> members, GivenBasis basis, BlockLoader loader) {
    if (members.isEmpty()
        || settings.limit().value() == 1
        || basis.columns().columns() == 0
        || !KeptRows.fits(members.size(), basis.rank())) {
      return new Result(Optional.empty(), members);
    }
    Cluster cluster = new Cluster(la, rows, members, loader, settings.limit().scope());
    Attempt best = cheaper(Attempt.none(), cheapest(cluster, basis));
    if (best.members().isEmpty()) {
      return new Result(Optional.empty(), members);
    }
    Set<Member> joined = new HashSet<>(best.members());
    return new Result(
        Optional.of(best.encoding(Optional.empty(), joined.size() == members.size())),
        members.stream().filter(each -> !joined.contains(each)).toList());
  }

  private Attempt cheapest(Cluster cluster, GivenBasis basis) {
    StoredFactors factors = StoredFactors.onGiven(la, settings, cluster, basis);
    Matrix directions = basis.directions();
    try (Projections projections =
            Projections.keeping(la, cluster, directions, settings.limit().value());
        Dictionary dictionary = Dictionary.of(la, basis.columns(), directions, projections)) {
      if (!EntryPlan.serves(limit)) {
        // Differences of energies tell nothing of such limits, so it is tried what all columns
        // give.
        return ragged(
            cluster, factors, projections, dictionary, all(cluster, projections.directions()));
      }
      // A direction that is there costs nothing.
      SparsePlan plan =
          SparsePlan.of(
              0,
              limit,
              RaggedPlan.blocks(cluster, projections, limit.scope(), projections.directions()),
              settings.format().sizeBytes());
      Attempt entries =
          new EntryFactors(la, settings, cluster, factors, limit).encode(dictionary, 1);
      return saved(plan, cluster) < saved(entries)
          ? entries
          : cheaper(ragged(cluster, factors, projections, dictionary, rows(plan)), entries);
    }
  }

  private Attempt ragged(
      Cluster cluster,
      StoredFactors factors,
      Projections projections,
      Dictionary dictionary,
      NavigableMap<Integer, int[]> kept) {
    return RaggedFactors.encode(la, settings, cluster, factors, projections, dictionary, kept);
  }

  /** All usable columns for each member, without those that are better off alone. */
  private static NavigableMap<Integer, int[]> all(Cluster cluster, int columns) {
    NavigableMap<Integer, int[]> kept = new TreeMap<>();
    for (int j = 0; j < cluster.count(); j++) {
      Member member = cluster.members().get(j);
      if (columns * member.columns() <= member.loneCost()) {
        kept.put(j, KeptRows.all(columns));
      }
    }
    return kept;
  }

  /** The usable columns that each member keeps in a plan. */
  private static NavigableMap<Integer, int[]> rows(SparsePlan plan) {
    NavigableMap<Integer, int[]> kept = new TreeMap<>();
    IntStream.range(0, plan.uses().size())
        .forEach(j -> plan.uses().get(j).ifPresent(use -> kept.put(j, use.rows())));
    return kept;
  }

  /** The one that saves more, the first of equals. */
  private Attempt cheaper(Attempt first, Attempt second) {
    return saved(second) > saved(first) ? second : first;
  }

  /**
   * How many numbers fewer members take in a plan than alone, if each stores whole rows; an
   * estimate. It leaves out the mask, and rows in which rounding leaves many zeros are stored with
   * fewer numbers. What such a plan could save beyond single coefficients is not worth the time.
   */
  private static long saved(SparsePlan plan, Cluster cluster) {
    long saved = 0;
    for (int j = 0; j < cluster.count(); j++) {
      Member member = cluster.members().get(j);
      saved +=
          plan.uses()
              .get(j)
              .map(use -> member.loneCost() - use.rows().length * member.columns())
              .orElse(0L);
    }
    return saved;
  }

  /** How many numbers fewer these members take so than alone. */
  private long saved(Attempt attempt) {
    return attempt.members().isEmpty()
        ? 0
        : attempt.members().stream().mapToLong(Member::loneCost).sum()
            - attempt.numbers(settings.format());
  }
}
